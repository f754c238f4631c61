package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/job"
	"pingyi/meeting"
	"pingyi/org"
	"pingyi/report"
	"pingyi/templates"
)

// packKind names the jobs that make packs.
const packKind = "meeting-pack"

type packParams struct {
	Meeting  meeting.ID    `json:"meeting"`
	Sections []string      `json:"sections"`
	By       org.AccountID `json:"by"`
	Idem     string        `json:"idem"`
}

// PackWork makes the pack a job asks for and returns its id.
func (s *Server) PackWork() job.Work {
	return func(ctx context.Context, j job.Job, progress func(string, int, int)) (any, error) {
		var p packParams
		if err := json.Unmarshal(j.Params, &p); err != nil {
			return nil, fmt.Errorf("read the parameters: %w", err)
		}
		by, err := s.Org.ActorByID(ctx, p.By)
		if err != nil {
			return nil, err
		}
		id, err := s.Meeting.MakePack(ctx, by, p.Meeting, p.Sections, p.Idem, progress)
		return map[string]int64{"pack": id}, err
	}
}

// packSection is a line of the builder.
type packSection struct {
	Name string
	On   bool
}

type packsPage struct {
	templates.Page
	Base     string
	M        meeting.Meeting
	Sections []packSection
	Packs    []meeting.Pack
	Job      *job.Job // one that is under way or failed
	Writes   bool
}

func (s *Server) packsPage(c *gin.Context) (*packsPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	id, err := pathID[meeting.ID](c, "meeting")
	if err != nil {
		return nil, err
	}
	p := &packsPage{Page: s.meetingFrame(c, "meeting.pack"), Base: baseOf(c), Writes: meeting.Prepares(a)}
	if p.M, err = s.Meeting.Get(ctx, a, id); err != nil {
		return nil, err
	}
	p.Caption = p.M.Title
	p.Back = templates.Link{Href: p.Base + "/meetings/" + idText(id), Label: p.M.Title}
	for _, name := range meeting.Sections {
		p.Sections = append(p.Sections, packSection{name, true})
	}
	p.Packs, err = s.Meeting.Packs(ctx, a, id)
	return p, err
}

// packs is the builder; with ?job= it follows a pack that is being made.
func (s *Server) packs(c *gin.Context) error {
	p, err := s.packsPage(c)
	if err != nil {
		return err
	}
	if n, err := strconv.ParseInt(c.Query("job"), 10, 64); err == nil {
		j, err := s.Jobs.Get(c.Request.Context(), packKind, job.ID(n))
		if err != nil {
			return err
		}
		var params packParams
		if json.Unmarshal(j.Params, &params) != nil || params.Meeting != p.M.ID {
			return errNotFound
		}
		var made struct{ Pack int64 }
		if j.State == job.Done && json.Unmarshal(j.Result, &made) == nil && made.Pack != 0 {
			s.redirect(c, p.Base+"/meetings/"+idText(p.M.ID)+"/packs/"+idText(made.Pack), "meeting-pack")
			return nil
		}
		if j.Busy() {
			c.Header("Refresh", "1") // the page follows the work without scripts, too
		}
		p.Job = &j
	}
	s.show(c, http.StatusOK, "meeting/packs", p)
	return nil
}

// packMake moves a section of the builder up or down, or puts the job on the list.
func (s *Server) packMake(c *gin.Context) error {
	p, err := s.packsPage(c)
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	order, on := meeting.KnownSections(append(c.PostFormArray("order"), meeting.Sections...)), c.PostFormArray("on")
	move, name, _ := strings.Cut(c.PostForm("move"), ":")
	switch move {
	case "up":
		order = meeting.Order(order, name, -1)
	case "down":
		order = meeting.Order(order, name, +1)
	}
	p.Sections = p.Sections[:0]
	var chosen []string
	for _, x := range order {
		p.Sections = append(p.Sections, packSection{x, slices.Contains(on, x)})
		if slices.Contains(on, x) {
			chosen = append(chosen, x)
		}
	}
	if move != "" {
		s.show(c, http.StatusOK, "meeting/packs", p)
		return nil
	}
	if len(chosen) == 0 {
		return s.refuse(c, meeting.ErrNoSections, "meeting/packs", p)
	}
	id, err := s.Jobs.Add(c.Request.Context(), packKind, actor(c), "pack:"+p.Idem, []byte{}, packParams{p.M.ID, chosen, actor(c).Account, p.Idem})
	if err != nil {
		return err
	}
	s.redirect(c, p.Base+"/meetings/"+idText(p.M.ID)+"/packs?job="+strconv.FormatInt(int64(id), 10), "")
	return nil
}

type packPage struct {
	templates.Page
	Base string
	M    meeting.Meeting
	Pack meeting.Pack
	F    meeting.PackFacts
	Sums meeting.Sums
}

// Share is a part of a whole in percent, in the reader's language.
func (p *packPage) Share(part, whole int) string {
	if x := meeting.Share(part, whole); x != "" {
		return p.Percent(x)
	}
	return "—"
}

func (s *Server) packPage(c *gin.Context) (*packPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	id, err := pathID[meeting.ID](c, "meeting")
	if err != nil {
		return nil, err
	}
	pack, err := pathID[int64](c, "pack")
	if err != nil {
		return nil, err
	}
	p := &packPage{Page: s.meetingFrame(c, "meeting.pack"), Base: baseOf(c)}
	if p.M, err = s.Meeting.Get(ctx, a, id); err != nil {
		return nil, err
	}
	if p.Pack, err = s.Meeting.Pack(ctx, a, id, pack); err != nil {
		return nil, err
	}
	p.F, p.Sums = p.Pack.Facts, p.Pack.Facts.Sums()
	p.Title = p.T("meeting.pack-title", "Quarter", p.Quarter(p.F.Year, p.F.Quarter))
	p.Caption = p.T("meeting.as-of", "At", p.DateTime(p.F.AsOf))
	p.Back = templates.Link{Href: p.Base + "/meetings/" + idText(id) + "/packs", Label: p.T("meeting.pack")}
	return p, nil
}

func (s *Server) pack(c *gin.Context) error {
	p, err := s.packPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "meeting/pack", p)
	return nil
}

// packTable is the pack's table by unit as a workbook.
func (s *Server) packTable(c *gin.Context) error {
	p, err := s.packPage(c)
	if err != nil {
		return err
	}
	t := report.Table{Sheet: p.T("meeting.pack-by-unit"), Title: p.Title, About: [][2]string{{p.T("meeting.about-as-of"), p.DateTime(p.F.AsOf)},
		{p.T("meeting.about-hash"), fmt.Sprintf("%x", p.Pack.Hash)}, {p.T("meeting.opened"), p.T("meeting.def-opened")}, {p.T("meeting.closed"), p.T("meeting.def-closed")},
		{p.T("meeting.overdue"), p.T("meeting.def-overdue")}, {p.T("meeting.visits-made"), p.T("meeting.def-made")}}}
	for _, k := range []string{"code", "unit", "visits-due", "visits-made", "visits-all", "sheets", "opened", "closed", "solved", "open", "overdue", "handover"} {
		t.Head = append(t.Head, p.T("meeting."+k))
	}
	number := func(n int) report.Number { return report.Number(strconv.Itoa(n)) }
	for _, u := range p.F.Feedback.Units {
		t.Rows = append(t.Rows, []any{u.Code, u.Name.In(p.Lang()), number(u.Due), number(u.Made), number(u.Visits), number(u.Sheets), number(u.Opened), number(u.Closed),
			number(u.Solved), number(u.Open), number(u.Overdue), number(u.Handover)})
	}
	return s.sendTable(c, t, fmt.Sprintf("pingyi-pack-%d-%d-%d", p.F.Year, p.F.Quarter, p.Pack.No))
}
