package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/feedback"
	"pingyi/org"
	"pingyi/templates"
)

// commentRoutes: the redaction desk of the two offices, and what a unit reads in the end.
func (s *Server) commentRoutes() []route {
	unit := only(org.RoleHead, org.RoleOfficer)
	return []route{
		get("/o/comments", offices, s.commentDesk),
		post("/o/comments", offices, s.releaseBatch),
		get("/o/comments/:no/:part", offices, s.comment),
		post("/o/comments/:no/:part", offices, s.decideComment),
		get("/d/comments", unit, s.unitComments),
		post("/d/comments", unit, s.markComment),
	}
}

type commentDeskPage struct {
	templates.Page
	Rows    []feedback.Comment
	Batches []feedback.Batch
	Office  string
	Least   int
}

func (s *Server) commentDeskPage(c *gin.Context) (*commentDeskPage, error) {
	p := &commentDeskPage{Page: s.page(c, "comment.desk"), Office: string(actor(c).Kind), Least: feedback.LeastComments}
	var err error
	if p.Rows, err = s.Feedback.Desk(c.Request.Context(), actor(c)); err != nil {
		return nil, err
	}
	p.Batches, err = s.Feedback.Batches(c.Request.Context(), actor(c))
	return p, err
}

func (s *Server) commentDesk(c *gin.Context) error {
	p, err := s.commentDeskPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "comment/desk", p)
	return nil
}

func (s *Server) releaseBatch(c *gin.Context) error {
	p, err := s.commentDeskPage(c)
	if err != nil {
		return err
	}
	if err := s.Feedback.ReleaseBatch(c.Request.Context(), actor(c), formID[org.UnitID](c, "unit"), int(formID[ID](c, "year")), int(formID[ID](c, "quarter"))); err != nil {
		return s.refuse(c, err, "comment/desk", p)
	}
	s.redirect(c, "/o/comments", "comment-released")
	return nil
}

type commentPage struct {
	templates.Page
	Comment feedback.Comment
	Pieces  []feedback.Piece
	Text    string
	Why     string
	Second  bool // the other office has proposed
	Mine    bool // the reader's own office has
	Open    bool // nobody has
}

func (s *Server) commentPage(c *gin.Context) (*commentPage, error) {
	m, known, err := s.Feedback.Comment(c.Request.Context(), actor(c), c.Param("no"), c.Param("part"))
	if err != nil {
		return nil, err
	}
	p := &commentPage{Page: s.page(c, "comment.one"), Comment: m, Pieces: feedback.Marked(m.Original, known), Text: m.Original}
	p.Back = templates.Link{Href: "/o/comments", Label: p.T("comment.desk")}
	p.Caption = p.T("comment.caption", "Unit", m.UnitName.In(p.Lang()), "No", m.SheetNo)
	if m.Release == "summary" {
		p.Text = ""
	}
	waits := m.State == "proposed" || m.State == "hold_proposed"
	p.Open, p.Mine = m.State == "", waits && m.Office == string(actor(c).Kind)
	p.Second = waits && !p.Mine
	return p, nil
}

func (s *Server) comment(c *gin.Context) error {
	p, err := s.commentPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "comment/one", p)
	return nil
}

// decideComment is an office's word on a text: the first proposes, the second agrees.
func (s *Server) decideComment(c *gin.Context) error {
	p, err := s.commentPage(c)
	if err != nil {
		return err
	}
	ctx, a, no, part := c.Request.Context(), actor(c), p.Comment.SheetNo, p.Comment.Part
	switch c.PostForm("word") {
	case "release":
		p.Text = text(c, "text")
		err = s.Feedback.ProposeComment(ctx, a, no, part, p.Text, false, "")
	case "hold":
		p.Why = text(c, "why")
		err = s.Feedback.ProposeComment(ctx, a, no, part, "", true, p.Why)
	case "agree":
		err = s.Feedback.AgreeComment(ctx, a, no, part, true)
	case "return":
		err = s.Feedback.AgreeComment(ctx, a, no, part, false)
	default:
		return errNotFound
	}
	if err != nil {
		return s.refuseIn(c, err, "comment/one", p, "text", "why")
	}
	s.redirect(c, "/o/comments", "comment-decided")
	return nil
}

type unitCommentsPage struct {
	templates.Page
	Rows []feedback.Released
}

func (s *Server) unitComments(c *gin.Context) error {
	p := unitCommentsPage{Page: s.page(c, "comment.title")}
	var err error
	if p.Rows, err = s.Feedback.ReleasedComments(c.Request.Context(), actor(c)); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "comment/unit", &p)
	return nil
}

func (s *Server) markComment(c *gin.Context) error {
	if err := s.Feedback.MarkComment(c.Request.Context(), actor(c), int64(formID[ID](c, "comment")), ticked(c, "list")); err != nil {
		return err
	}
	s.redirect(c, "/d/comments", "saved")
	return nil
}
