package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/templates"
)

// publicRoutes: what anyone may read.
func (s *Server) publicRoutes() []route {
	return []route{
		get("/", anyone, s.start),
		get("/about", anyone, s.words("about")),
		get("/privacy", anyone, s.words("privacy")),
		get("/accessibility", anyone, s.words("accessibility")),
		get("/secrecy", anyone, s.words("secrecy")),
	}
}

// startPage is the portal's front page.
type startPage struct {
	templates.Page
	BallotURL string
}

func (s *Server) start(c *gin.Context) error {
	p := startPage{Page: s.page(c, "start.title"), BallotURL: s.BallotURL}
	s.show(c, http.StatusOK, "public/start", &p)
	return nil
}

// words shows a page that is only text.
func (s *Server) words(name string) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p := s.page(c, name+".title")
		p.Narrow = true
		s.show(c, http.StatusOK, "public/"+name, &p)
		return nil
	}
}
