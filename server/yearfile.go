package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/job"
	"pingyi/locale"
	"pingyi/meeting"
	"pingyi/org"
	"pingyi/report"
	"pingyi/templates"
	"pingyi/yearfile"
)

// yearFileRoutes: the year-end file of the two offices.
func (s *Server) yearFileRoutes() []route {
	return []route{
		get("/o/yearfiles/:year", yearfile.Makes, s.yearFiles),
		post("/o/yearfiles/:year", yearfile.Makes, s.yearFileMake),
		get("/o/yearfiles/:year/:kept", yearfile.Makes, s.yearFileTake),
	}
}

// yearFileKind names the jobs that make year-end files.
const yearFileKind = "year-file"

type yearFileParams struct {
	Year int           `json:"year"`
	Lang string        `json:"lang"`
	By   org.AccountID `json:"by"`
	Idem string        `json:"idem"`
}

// yearSource is a part of the year-end file: an address of the portal, taken as it is or
// as a document of the page.
type yearSource struct {
	path string
	name string // without number and ending
	as   string // ending; docx of a page is made from the page
	page bool
}

// YearFileWork makes the year-end file a job asks for. Its parts are what the same reader
// gets at their addresses, so that the file says what the portal says, and nobody finds
// in it what he may not see.
func (s *Server) YearFileWork() job.Work {
	return func(ctx context.Context, j job.Job, progress func(string, int, int)) (any, error) {
		var p yearFileParams
		if err := json.Unmarshal(j.Params, &p); err != nil {
			return nil, fmt.Errorf("read the parameters: %w", err)
		}
		by, err := s.Org.ActorByID(ctx, p.By)
		if err != nil {
			return nil, err
		}
		t := s.catalogue.In(p.Lang)
		sources, err := s.yearSources(ctx, by, t, p.Year)
		if err != nil {
			return nil, err
		}
		var parts []yearfile.Part
		for i, src := range sources {
			progress("yearfile.step", i, len(sources))
			content, err := s.yearPart(ctx, by, t, src)
			if err != nil {
				return nil, fmt.Errorf("part %s: %w", src.path, err)
			}
			parts = append(parts, yearfile.Part{Name: fmt.Sprintf("%02d %s.%s", i+1, src.name, src.as), Content: content})
		}
		id, err := s.YearFile.Make(ctx, by, p.Year, parts, p.Idem)
		progress("yearfile.step", len(sources), len(sources))
		return map[string]int64{"kept": int64(id)}, err
	}
}

// yearSources lists what a year's file holds. Parts of a ranking are there once it is published.
func (s *Server) yearSources(ctx context.Context, by org.Actor, t *locale.Translator, year int) ([]yearSource, error) {
	y := strconv.Itoa(year)
	var out []yearSource
	file := func(path, key, as string) { out = append(out, yearSource{path: path, name: t.T(key), as: as}) }
	page := func(path, key string) {
		out = append(out, yearSource{path: path, name: t.T(key), as: "docx", page: true})
	}
	if _, err := s.Evaluation.Published(ctx, year); err == nil {
		file("/results/"+y+"/docx", "yearfile.decision", "docx")
		file("/results/"+y+"/xlsx", "yearfile.results", "xlsx")
		file("/results/"+y+"/ranking.json", "yearfile.ranking", "json")
		file("/results/"+y+"/signatures.txt", "yearfile.signatures", "txt")
		file("/results/"+y+"/snapshot.json", "yearfile.snapshot", "json")
		page("/o/year/"+y+"/facts", "yearfile.facts")
		file("/o/honours/"+y+"/assessment", "yearfile.assessment", "xlsx")
		page("/commendations/"+y, "yearfile.commendations")
	} else if !errors.Is(err, evaluation.ErrNoResult) {
		return nil, err
	}
	page("/o/year/"+y+"/adjustments", "yearfile.adjustments")
	page("/o/county/"+y, "yearfile.county")
	page("/o/tasks/"+y, "yearfile.tasks")
	file("/o/ledger/xlsx", "yearfile.contracts", "xlsx")
	file("/o/ledger/xlsx?kind=arrivals", "yearfile.arrivals", "xlsx")
	file("/o/activities/xlsx", "yearfile.activities", "xlsx")
	for q := 1; q <= 4; q++ {
		out = append(out, yearSource{path: fmt.Sprintf("/o/visits/plan/xlsx?year=%d&quarter=%d", year, q), name: t.T("yearfile.visits", "Quarter", t.Quarter(year, q)), as: "xlsx"})
	}
	meetings, err := s.yearMeetings(ctx, by, t, year)
	return append(out, meetings...), err
}

// yearMeetings are the papers of the year's meetings: packs, minutes, reports to the
// executive meeting; and the year's published bulletins.
func (s *Server) yearMeetings(ctx context.Context, by org.Actor, t *locale.Translator, year int) ([]yearSource, error) {
	var out []yearSource
	all, _, err := s.Meeting.List(ctx, by, meeting.Filter{Page: 1, Size: 1000})
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.Planned.Year() != year && m.Year != year {
			continue
		}
		at := "/o/meetings/" + idText(m.ID)
		name := func(key string) string { return t.T(key, "Title", m.Title, "N", int64(m.ID)) }
		if m.MinutesNo != "" || m.Kind == meeting.Executive {
			out = append(out, yearSource{path: at + "/docx", name: name("yearfile.meeting"), as: "docx"})
		}
		packs, err := s.Meeting.Packs(ctx, by, m.ID)
		if err != nil {
			return nil, err
		}
		if len(packs) > 0 { // the latest
			out = append(out, yearSource{path: at + "/packs/" + idText(packs[0].ID) + "/docx", name: name("yearfile.pack"), as: "docx"},
				yearSource{path: at + "/packs/" + idText(packs[0].ID) + "/xlsx", name: name("yearfile.pack"), as: "xlsx"})
		}
	}
	bulletins, _, err := s.Meeting.Bulletins(ctx, by, true, 1, 1000)
	if err != nil {
		return nil, err
	}
	for _, b := range bulletins {
		if b.State == "published" && b.Year == year {
			out = append(out, yearSource{path: "/o/bulletins/" + idText(b.ID) + "/docx", name: t.T("yearfile.bulletin", "No", b.No), as: "docx"})
		}
	}
	return out, nil
}

// yearPart gets a part as the reader would.
func (s *Server) yearPart(ctx context.Context, by org.Actor, t *locale.Translator, src yearSource) ([]byte, error) {
	got, err := s.inside(ctx, by, t.Lang(), src.path)
	if err != nil || !src.page {
		return got, err
	}
	blocks, err := report.Blocks(bytes.NewReader(got))
	if err != nil {
		return nil, err
	}
	return report.DOCX(report.Official{Head: t.T("letter.group"), No: t.DateTime(s.Now()), Title: src.name, Body: blocks, Organ: t.T("letter.organ"), Date: t.DateLong(s.Now()), Chinese: t.Lang() == locale.Chinese})
}

type yearFilePage struct {
	templates.Page
	Year  int
	Files []yearfile.File
	Job   *job.Job // one that is under way or failed
}

func (s *Server) yearFilePage(c *gin.Context) (*yearFilePage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	p := &yearFilePage{Page: s.page(c, "yearfile.title", "Year", year), Year: year}
	p.Back = templates.Link{Href: "/o/year/" + strconv.Itoa(year), Label: p.T("year.title", "Year", year)}
	p.Files, err = s.YearFile.List(c.Request.Context(), actor(c), year)
	return p, err
}

// yearFiles lists the files that were made; with ?job= it follows one that is being made.
func (s *Server) yearFiles(c *gin.Context) error {
	p, err := s.yearFilePage(c)
	if err != nil {
		return err
	}
	if n, err := strconv.ParseInt(c.Query("job"), 10, 64); err == nil {
		j, err := s.Jobs.Get(c.Request.Context(), yearFileKind, job.ID(n))
		if err != nil {
			return err
		}
		var params yearFileParams
		if json.Unmarshal(j.Params, &params) != nil || params.Year != p.Year {
			return errNotFound
		}
		if j.State == job.Done {
			s.redirect(c, p.Path, "yearfile")
			return nil
		}
		if j.Busy() {
			c.Header("Refresh", "1") // the page follows the work without scripts, too
		}
		p.Job = &j
	}
	s.show(c, http.StatusOK, "year/file", p)
	return nil
}

func (s *Server) yearFileMake(c *gin.Context) error {
	p, err := s.yearFilePage(c)
	if err != nil {
		return err
	}
	key := idem(c)
	id, err := s.Jobs.Add(c.Request.Context(), yearFileKind, actor(c), "yearfile:"+key, []byte{}, yearFileParams{p.Year, p.Lang(), actor(c).Account, key})
	if err != nil {
		return err
	}
	s.redirect(c, p.Path+"?job="+strconv.FormatInt(int64(id), 10), "")
	return nil
}

func (s *Server) yearFileTake(c *gin.Context) error {
	year, err := yearOf(c)
	if err != nil {
		return err
	}
	id, err := pathID[yearfile.ID](c, "kept")
	if err != nil {
		return err
	}
	f, err := s.YearFile.Take(c.Request.Context(), actor(c), year, id)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": s.translator(c).T("yearfile.title", "Year", year) + ".zip"}))
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/zip", f.Content)
	return nil
}
