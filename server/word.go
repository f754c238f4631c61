package server

import (
	"bytes"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/locale"
	"pingyi/meeting"
	"pingyi/report"
)

// sendWord answers with a page as an official document for Word: the head from d, the
// body from the page as it prints, so that both say the same.
func (s *Server) sendWord(c *gin.Context, page string, data any, d report.Official, file string) error {
	content, err := s.pages.Content(page, data)
	if err != nil {
		return err
	}
	if d.Body, err = report.Blocks(bytes.NewReader(content)); err != nil {
		return err
	}
	return s.sendOfficial(c, d, file)
}

// sendOfficial answers with an official document; who took it goes on record.
func (s *Server) sendOfficial(c *gin.Context, d report.Official, file string) error {
	t := s.translator(c)
	d.Chinese = t.Lang() == locale.Chinese
	d.CopiesWord = t.T("letter.copies")
	b, err := report.DOCX(d)
	if err != nil {
		return err
	}
	if err := s.exported(c, "document"); err != nil {
		return err
	}
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file + ".docx"}))
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b)
	return nil
}

// packWord is the quarterly pack as a document.
func (s *Server) packWord(c *gin.Context) error {
	p, err := s.packPage(c)
	if err != nil {
		return err
	}
	d := report.Official{Head: p.T("letter.group"), No: p.T("meeting.pack-stamp", "N", p.Pack.No, "At", p.DateTime(p.F.AsOf)), Title: p.Title, Organ: p.T("letter.organ"), Date: p.DateLong(p.F.AsOf)}
	return s.sendWord(c, "meeting/pack", p, d, p.Title)
}

// bulletinWord is a published bulletin as a document.
func (s *Server) bulletinWord(c *gin.Context) error {
	p, err := s.bulletinPage(c)
	if err != nil {
		return err
	}
	if p.B.State != "published" {
		return errNotFound
	}
	d := report.Official{Head: p.T("letter.group"), No: p.B.No, Title: p.B.Title, Organ: p.T("letter.organ"), Date: p.DateLong(*p.B.Published)}
	return s.sendWord(c, "meeting/bulletin", p, d, p.B.No)
}

// meetingWord is the report to the executive meeting, or the minutes of any meeting that
// has issued them, as a document.
func (s *Server) meetingWord(c *gin.Context) error {
	p, err := s.meetingPage(c)
	if err != nil {
		return err
	}
	if !p.HasPaper() {
		return errNotFound
	}
	p.Writes = false // forms are for the screen
	d := report.Official{Head: p.T("letter.group"), No: p.M.MinutesNo, Title: p.T("meeting.paper-minutes", "Title", p.M.Title), Organ: p.T("letter.organ"), Date: p.DateLong(p.M.Planned.Time())}
	if p.M.MinutesNo == "" {
		d.No, d.Title = p.Date(p.M.Planned.Time()), p.T("meeting.paper-report", "Name", p.M.ProjectName.In(p.Lang()))
	} else if p.M.IssuedAt != nil {
		d.Date = p.DateLong(*p.M.IssuedAt)
	}
	return s.sendWord(c, "meeting/one", p, d, d.Title)
}

// HasPaper reports whether the meeting has a paper to take along: a report to the
// executive meeting, or issued minutes.
func (p *meetingPage) HasPaper() bool {
	return p.M.MinutesNo != "" || p.M.Kind == meeting.Executive
}

// rankingWord is the decision on a published ranking as a document.
func (s *Server) rankingWord(c *gin.Context) error {
	p, err := s.resultsPage(c)
	if err != nil {
		return err
	}
	if p.Result == nil {
		return errNotFound
	}
	p.Print = true // the ranking as it is printed
	d := report.Official{Head: p.T("letter.group"), No: p.T("results.caption", "Date", p.Date(*p.Result.Published), "Version", p.Result.Version), Title: p.T("result.decision-title", "Year", p.Year),
		Addressee: p.T("result.decision-to"), Paragraphs: []string{p.T("result.decision-text", "Year", p.Year, "Version", p.Result.Version, "Hash", p.Ranking)},
		Organ: p.T("letter.group"), Date: p.DateLong(*p.Result.Published), Copies: []string{p.T("letter.party-office"), p.T("letter.government-office")}}
	return s.sendWord(c, "public/results", p, d, d.Title)
}
