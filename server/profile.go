package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/org"
	"pingyi/templates"
)

type profilePage struct {
	templates.Page
	Unit org.Unit
	Rows []profileYear
	Why  *whyTree // of the latest year
}

type profileYear struct {
	Year  int
	Grade org.Names
	dotRow
}

func (s *Server) profile(c *gin.Context) error {
	ctx := c.Request.Context()
	u, err := s.Org.UnitByCode(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	p := profilePage{Page: s.page(c, "profile.title"), Unit: u}
	p.Title, p.Caption = u.Names.In(p.Lang()), p.T("class."+strconv.Itoa(u.Class))
	years, err := s.Evaluation.PublishedYears(ctx)
	if err != nil {
		return err
	}
	for _, y := range years[:min(3, len(years))] {
		r, err := s.Evaluation.Published(ctx, y)
		if err != nil {
			return err
		}
		classes, err := s.classes(c, r, u.ID, publicFloor)
		if err != nil {
			return err
		}
		for _, class := range classes {
			for _, row := range class.Rows {
				if row.Unit == u.ID {
					p.Rows = append(p.Rows, profileYear{Year: y, dotRow: row, Grade: class.Scheme.GradeName(row.Grade)})
					if p.Why == nil {
						p.Why = class.Why[u.ID]
					}
				}
			}
		}
	}
	s.show(c, http.StatusOK, "public/profile", &p)
	return nil
}
