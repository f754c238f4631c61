package server

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/evaluation/editor"
	"pingyi/fault"
	"pingyi/locale"
	"pingyi/templates"
)

// editPage is a page of the editor: fields, what is still to do, and what the scheme
// says with them.
type editPage struct {
	templates.Page
	Info       evaluation.SchemeInfo
	Key        string
	Action     string
	Revision   string
	Sections   []editSection
	Todo       []todo
	Chapters   []explainedChapter
	Unsaved    bool
	Changed    []schemeChange // by somebody else, against what was typed
	Prev, Next templates.Link
	Trees      []templates.Link // of the page "trees"
	Tree       string           // of a part
	Part       string
	Below      []outlineRow // of a part made of parts
	MayRemove  bool
}

type editSection struct {
	editor.Shown
	Title, Hint string
	Rows        []editRow
}

type editRow struct {
	editor.Row
	Cells, More []editCell
}

// editCell is a field with its words.
type editCell struct {
	editor.Cell
	Label, Hint, Empty string
	Options            []choice
}

// draft reads the scheme of the address, which must be a draft.
func (s *Server) draft(c *gin.Context) (evaluation.SchemeInfo, *evaluation.Scheme, error) {
	info, sc, err := s.schemeOf(c)
	if err == nil && info.Adopted != nil {
		err = evaluation.ErrSchemeAdopted
	}
	return info, sc, err
}

// editPage prepares a page of the editor around what was typed.
func (s *Server) editPage(c *gin.Context, info evaluation.SchemeInfo, key string) *editPage {
	p := &editPage{Page: s.page(c, "edit.page-"+key), Info: info, Key: key, Action: c.Request.URL.Path, Revision: strconv.Itoa(info.Revision)}
	p.Caption = schemeLabel(&p.Page, info)
	p.Back = templates.Link{Href: schemePath(info.ID), Label: p.Caption}
	if i := slices.Index(editor.PageKeys, key); i >= 0 {
		link := func(k string) templates.Link {
			return templates.Link{Href: schemePath(info.ID) + "/edit/" + k, Label: p.T("edit.page-" + k)}
		}
		if i > 0 {
			p.Prev = link(editor.PageKeys[i-1])
		}
		if i+1 < len(editor.PageKeys) {
			p.Next = link(editor.PageKeys[i+1])
		}
	}
	return p
}

// fill shows a form with what was typed, what is still to do and what it means.
func (s *Server) fill(p *editPage, sc *evaluation.Scheme, form editor.Page, v url.Values) {
	p.Sections = editSections(p.Translator, editor.Show(form, v))
	chapters := editor.Chapters(p.Key)
	for _, x := range explain(p.Translator, sc, chapters...) {
		if p.Tree == "" || x.Key != "tree" || x.Title == treeTitle(p.Translator, sc, p.Tree) {
			p.Chapters = append(p.Chapters, x)
		}
	}
	for _, x := range s.todo(p.Translator, sc, schemePath(p.Info.ID), sc.Validate()) {
		if x.Page == p.Key || (p.Part != "" && x.Place == "part."+p.Part) {
			p.Todo = append(p.Todo, x)
		}
	}
	if p.Key == "trees" && p.Tree == "" {
		for _, t := range sc.Trees {
			p.Trees = append(p.Trees, templates.Link{Href: schemePath(p.Info.ID) + "/tree/" + t.Code, Label: treeTitle(p.Translator, sc, t.Code)})
		}
	}
}

func treeTitle(t *locale.Translator, sc *evaluation.Scheme, code string) string {
	if tree := editor.Tree(sc, code); tree != nil && tree.Name.ZH != "" {
		return t.T("say.chapter-tree-of", "Name", tree.Name.In(t.Lang()))
	}
	return t.T("say.chapter-tree")
}

func editSections(t *locale.Translator, list []editor.Shown) []editSection {
	var out []editSection
	for _, x := range list {
		sec := editSection{Shown: x, Title: t.T("edit.s-" + x.Key)}
		if hint := "edit.s-" + x.Key + "-hint"; t.Has(hint) {
			sec.Hint = t.T(hint)
		}
		for _, r := range x.Rows {
			sec.Rows = append(sec.Rows, editRow{Row: r, Cells: editCells(t, r.Cells), More: editCells(t, r.More)})
		}
		out = append(out, sec)
	}
	return out
}

func editCells(t *locale.Translator, list []editor.Cell) []editCell {
	out := make([]editCell, len(list))
	for i, c := range list {
		x := editCell{Cell: c, Label: t.T("edit.f-" + c.Label)}
		if hint := "edit.f-" + c.Label + "-hint"; t.Has(hint) {
			x.Hint = t.T(hint)
		}
		if c.None != "" {
			x.Empty = t.T("edit.none-" + c.None)
		}
		for _, o := range c.Options {
			label, _ := word(t, o.Label).(string)
			x.Options = append(x.Options, choice{Value: o.Value, Label: label})
		}
		out[i] = x
	}
	return out
}

func (s *Server) editScheme(c *gin.Context) error {
	info, sc, err := s.draft(c)
	if errors.Is(err, evaluation.ErrSchemeAdopted) {
		s.redirect(c, schemePath(info.ID), "")
		return nil
	}
	if err != nil {
		return err
	}
	form, ok := editor.Form(sc, c.Param("part"))
	if !ok {
		return errNotFound
	}
	v, err := editor.Fill(sc, form)
	if err != nil {
		return err
	}
	p := s.editPage(c, info, form.Key)
	s.fill(p, sc, form, v)
	s.show(c, http.StatusOK, "scheme/edit", p)
	return nil
}

func (s *Server) saveScheme(c *gin.Context) error {
	info, sc, err := s.draft(c)
	if err != nil {
		return err
	}
	key := c.Param("part")
	if !slices.Contains(editor.PageKeys, key) {
		return errNotFound
	}
	p := s.editPage(c, info, key)
	return s.saveForm(c, p, sc, func(sc *evaluation.Scheme) (editor.Page, bool) { return editor.Form(sc, key) })
}

// typedForm returns the posted fields as they were typed.
func typedForm(c *gin.Context) url.Values {
	v := url.Values{}
	for name, values := range c.Request.PostForm {
		for _, x := range values {
			v.Add(name, clean(x))
		}
	}
	return v
}

// saveForm does what a form of the editor asks: move rows about, show what the fields
// would mean, or save.
func (s *Server) saveForm(c *gin.Context, p *editPage, sc *evaluation.Scheme, formOf func(*evaluation.Scheme) (editor.Page, bool)) error {
	form, ok := formOf(sc)
	if !ok {
		return errNotFound
	}
	v := typedForm(c)
	act := v.Get("do")
	p.Idem, p.Revision = idem(c), v.Get("revision")
	if moved, ok := editor.Act(form, v, act); ok {
		v = moved
	}
	typed, problems, err := editor.Read(sc, form, v)
	if err != nil {
		return err
	}
	show := func(status int) error {
		if again, ok := formOf(typed); ok {
			form = again
		}
		s.fill(p, typed, form, v)
		s.show(c, status, "scheme/edit", p)
		return nil
	}
	if len(problems) > 0 && act == "save" {
		s.fill(p, typed, form, v)
		return s.refuse(c, problems.Err(), "scheme/edit", p)
	}
	if act != "save" {
		p.Unsaved = true
		return show(http.StatusOK)
	}
	revision, _ := strconv.Atoi(p.Revision)
	err = s.Evaluation.Change(c.Request.Context(), actor(c), p.Info.ID, revision, func(now *evaluation.Scheme) error {
		fresh, _, err := editor.Read(now, form, v)
		if err == nil {
			*now = *fresh
		}
		return err
	})
	if errors.Is(err, evaluation.ErrSchemeStale) {
		return s.stale(c, p, sc, typed, show)
	}
	if err != nil {
		s.fill(p, typed, form, v)
		return s.refuse(c, err, "scheme/edit", p)
	}
	to := strings.TrimSuffix(c.Request.URL.Path, "/"+url.PathEscape(p.Part))
	if p.Part == "" {
		to = c.Request.URL.Path
	} else {
		to += "/" + v.Get("part.code")
	}
	s.redirect(c, to, "saved")
	return nil
}

// stale shows the form as typed on top of what somebody else has saved meanwhile, and
// where the two differ; saving once more keeps what was typed.
func (s *Server) stale(c *gin.Context, p *editPage, now, typed *evaluation.Scheme, show func(int) error) error {
	list, err := evaluation.Differences(now, typed)
	if err != nil {
		return err
	}
	p.Changed = schemeChanges(p.Translator, now, typed, list)
	f := fault.Of(evaluation.ErrSchemeStale)
	p.Alert, p.Revision, p.Unsaved = s.say(p.Translator, f.Text), strconv.Itoa(p.Info.Revision), true
	return show(http.StatusConflict)
}
