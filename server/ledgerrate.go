package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/templates"
)

// ledgerMoreRoutes: rates of other currencies, the file of the task notice.
func (s *Server) ledgerMoreRoutes() []route {
	read := access(func(a org.Actor) bool { return ledger.Reads(a) || ledger.SharesOut(a) })
	return []route{
		get("/o/ledger/rates", ledger.Reads, s.rates),
		post("/o/ledger/rates", offices, s.enterRate),
		get("/o/tasks/:year/notice", read, s.noticeFile),
		postLimit("/o/tasks/:year/notice-file", uploadLimit, ledger.SharesOut, s.attachNotice),
		get("/d/tasks/:year/notice", only(org.RoleHead, org.RoleOfficer), s.noticeFile),
	}
}

type ratesPage struct {
	templates.Page
	M          money
	Rows       []ledger.Rate
	Apart      []ledger.Converted
	Form       ledger.RateDraft
	Currencies []choice
	Enters     bool
}

func (s *Server) ratesPage(c *gin.Context) (*ratesPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &ratesPage{Page: s.page(c, "ledger.rates"), Enters: a.IsOffice(), Form: ledger.RateDraft{Currency: "USD"}}
	p.M.Page, p.Narrow = &p.Page, true
	p.Back = templates.Link{Href: "/o/ledger", Label: p.T("ledger.title")}
	p.Currencies = choices(p.Translator, "ledger.currency-", ledger.Currencies[1:])
	var err error
	if p.Rows, err = s.Ledger.Rates(ctx, a); err != nil {
		return nil, err
	}
	period := s.period(c)
	sum, err := s.Ledger.Summary(ctx, a, period)
	if err != nil {
		return nil, err
	}
	p.Apart = ledger.Convert(sum.Apart, p.Rows, period.To)
	return p, nil
}

func (s *Server) rates(c *gin.Context) error {
	p, err := s.ratesPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "ledger/rates", p)
	return nil
}

func (s *Server) enterRate(c *gin.Context) error {
	p, err := s.ratesPage(c)
	if err != nil {
		return err
	}
	p.Form = ledger.RateDraft{Currency: c.PostForm("currency"), On: line(c, "on"), Rate: line(c, "rate"), Source: text(c, "source")}
	if err := s.Ledger.EnterRate(c.Request.Context(), actor(c), p.Form); err != nil {
		return s.refuseIn(c, err, "ledger/rates", p, "currency", "on", "rate", "source")
	}
	s.redirect(c, "/o/ledger/rates", "saved")
	return nil
}

// attachNotice keeps the uploaded file of a year's task notice, checked by its content.
func (s *Server) attachNotice(c *gin.Context) error {
	p, err := s.taskPage(c)
	if err != nil {
		return err
	}
	files, err := readFiles(c)
	if err == nil && len(files) != 1 {
		err = fault.Field("files", "import.file-missing")
	}
	if err == nil {
		err = s.Ledger.AttachNotice(c.Request.Context(), actor(c), p.Year, ledger.NoticeFile{Name: files[0].Name, Type: files[0].Type, Content: files[0].Content})
	}
	if err != nil {
		return s.refuseIn(c, err, "ledger/tasks", p, "files")
	}
	s.redirect(c, "/o/tasks/"+strconv.Itoa(p.Year), "saved")
	return nil
}

func (s *Server) noticeFile(c *gin.Context) error {
	year, err := yearOf(c)
	if err != nil {
		return err
	}
	f, err := s.Ledger.NoticeFile(c.Request.Context(), actor(c), year)
	if err != nil {
		return err
	}
	handOut(c, feedback.File{Name: f.Name, Type: f.Type, Content: f.Content})
	return nil
}
