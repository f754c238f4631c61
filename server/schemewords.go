package server

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/evaluation/editor"
	"pingyi/fault"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/templates"
)

// todo is something a scheme still lacks, with the page where it is filled in.
type todo struct{ Page, Place, Where, Text, Href string }

// todo lists what Scheme.Validate finds, in the order of the editor's pages. Without
// a scheme and an address it says where in the words of the pages alone.
func (s *Server) todo(t *locale.Translator, sc *evaluation.Scheme, base string, err error) []todo {
	var out []todo
	for place, text := range fault.FieldsOf(err) {
		x := todo{Page: editor.PageOf(place), Place: place, Text: s.say(t, text)}
		x.Where, x.Href = t.T("edit.page-"+x.Page), base+"/edit/"+x.Page
		kind, code, _ := strings.Cut(place, ".")
		if code != "" {
			x.Where += " · " + code
		}
		if sc != nil && kind == "tree" && editor.Tree(sc, code) != nil {
			x.Where, x.Href = treeTitle(t, sc, code), base+"/tree/"+code
		}
		if sc != nil && kind == "part" {
			for i := range sc.Trees {
				if n := editor.Part(&sc.Trees[i], code); n != nil {
					x.Href = base + "/tree/" + sc.Trees[i].Code + "/" + code
					x.Where = t.T("edit.nameless", "Code", code)
					if n.Name.ZH != "" {
						x.Where = n.Name.In(t.Lang())
					}
					break
				}
			}
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b todo) int {
		return cmp.Or(cmp.Compare(slices.Index(editor.PageKeys, a.Page), slices.Index(editor.PageKeys, b.Page)), cmp.Compare(a.Place, b.Place))
	})
	return out
}

// schemeChange is a place where two schemes differ, in words.
type schemeChange struct {
	Page, Where, Old, New string
	at                    int // of the page, in the order of the editor
}

// schemeChanges says differences in words. A row that only one of both has is one
// change, not as many as it has fields.
func schemeChanges(t *locale.Translator, a, b *evaluation.Scheme, list []evaluation.SchemeDifference) []schemeChange {
	var out []schemeChange
	whole := map[string]bool{} // rows that came or went
	for _, d := range list {
		if strings.HasSuffix(d.Place, ".code") && (d.Old == "" || d.New == "") {
			whole[strings.TrimSuffix(d.Place, ".code")] = true
		}
	}
	for _, d := range list {
		x, ok := editor.Locate(b, d.Place)
		if d.New == "" || !ok {
			if y, found := editor.Locate(a, d.Place); found {
				x, ok = y, true
			}
		}
		if !ok { // the code of the scheme, which no page asks for
			out = append(out, schemeChange{Where: t.T("edit.f-code"), Old: d.Old, New: d.New})
			continue
		}
		if in := within(whole, d.Place); in != "" && d.Place != in+".code" {
			continue
		}
		c := schemeChange{at: slices.Index(editor.PageKeys, x.Page), Page: t.T("edit.page-" + x.Page), Old: valueWords(t, x.Field, d.Old), New: valueWords(t, x.Field, d.New)}
		name := ""
		if x.Named != nil {
			name, _ = word(t, x.Named).(string)
		}
		if whole[x.Row] {
			c.Where = name
			if d.Old == "" {
				c.Old, c.New = "—", t.T("schemes.row-added")
			} else {
				c.Old, c.New = t.T("schemes.row-there"), t.T("schemes.row-gone")
			}
			out = append(out, c)
			continue
		}
		c.Where = t.T("edit.f-" + x.Field.Label)
		if name != "" {
			c.Where = name + " · " + c.Where
		}
		if x.Field.Kind == editor.Names {
			c.Where += " (" + t.T("edit.lang-"+x.Rest) + ")"
		} else if x.Rest != "" {
			c.Where += " " + strings.TrimSuffix(x.Rest, ".weight")
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b schemeChange) int { return cmp.Compare(a.at, b.at) })
	return out
}

// within returns the outermost row that came or went and holds the place.
func within(rows map[string]bool, place string) string {
	found := ""
	for r := range rows {
		if strings.HasPrefix(place, r+".") && (found == "" || len(r) < len(found)) {
			found = r
		}
	}
	return found
}

// valueWords says a value of a field.
func valueWords(t *locale.Translator, f editor.Field, v string) string {
	for _, o := range f.Options {
		if o.Value == v {
			label, _ := word(t, o.Label).(string)
			return label
		}
	}
	switch {
	case f.Kind == editor.Tick && v == "true":
		return t.T("edit.yes")
	case f.Kind == editor.Tick:
		return t.T("edit.no")
	case v == "":
		return "—"
	}
	return v
}

type comparePage struct {
	templates.Page
	A, B    evaluation.SchemeInfo
	Changes []schemeChange
	Old     string
	New     string
}

// compareSchemes sets two versions side by side.
func (s *Server) compareSchemes(c *gin.Context) error {
	p := comparePage{Page: s.page(c, "schemes.compare-title")}
	p.Back = templates.Link{Href: "/o/schemes", Label: p.T("schemes.title")}
	var both [2]*evaluation.Scheme
	for i, name := range []string{"a", "b"} {
		id, err := strconv.ParseInt(c.Query(name), 10, 64)
		if err != nil || id <= 0 {
			s.redirect(c, "/o/schemes", "")
			return nil
		}
		info, err := s.Evaluation.SchemeInfo(c.Request.Context(), actor(c), id)
		if err != nil {
			return err
		}
		if both[i], err = s.Evaluation.Scheme(c.Request.Context(), id); err != nil {
			return err
		}
		*[]*evaluation.SchemeInfo{&p.A, &p.B}[i] = info
	}
	list, err := evaluation.Differences(both[0], both[1])
	if err != nil {
		return err
	}
	p.Old, p.New = schemeLabel(&p.Page, p.A), schemeLabel(&p.Page, p.B)
	p.Changes = schemeChanges(p.Translator, both[0], both[1], list)
	s.show(c, http.StatusOK, "scheme/compare", &p)
	return nil
}

type trialPage struct {
	templates.Page
	Info    evaluation.SchemeInfo
	Year    int
	Classes []trialClass
	Moved   int
	Beyond  int
	Units   int
	Adopt   bool
}

// trialClass is what a trial gives in one class.
type trialClass struct {
	Class, Moved, Beyond int
	Rows                 []trialRow
}

type trialRow struct {
	evaluation.Move
	Name               org.Names
	OldGrade, NewGrade string
}

// trial shows what a scheme gives on a published year's facts, beside what was
// published.
func (s *Server) trial(c *gin.Context) error {
	info, sc, err := s.schemeOf(c)
	if err != nil {
		return err
	}
	year := formQuery(c, "year")
	trial, snap, err := s.Evaluation.Trial(c.Request.Context(), actor(c), info.ID, year)
	if fault.FieldsOf(err) != nil {
		s.redirect(c, schemePath(info.ID), "")
		return nil
	}
	if err != nil {
		return err
	}
	p := trialPage{Page: s.page(c, "schemes.trial-title", "Year", year), Info: info, Year: year}
	p.Caption = schemeLabel(&p.Page, info)
	p.Back = templates.Link{Href: schemePath(info.ID), Label: p.Caption}
	p.Adopt = info.Adopted == nil && info.Tried && mayRunSchemes(c)
	names := map[org.UnitID]org.Names{}
	for _, u := range snap.Units {
		names[u.Unit] = u.Name
	}
	for _, m := range evaluation.Moves(snap.Standings(), trial) {
		if k := len(p.Classes); k == 0 || p.Classes[k-1].Class != m.Class {
			p.Classes = append(p.Classes, trialClass{Class: m.Class})
		}
		k := &p.Classes[len(p.Classes)-1]
		k.Rows = append(k.Rows, trialRow{m, names[m.Unit], snap.Scheme.GradeName(m.Before.Result.Grade).In(p.Lang()), sc.GradeName(m.After.Result.Grade).In(p.Lang())})
		p.Units++
		if m.Places() != 0 {
			k.Moved++
			p.Moved++
		}
		if m.Beyond() {
			k.Beyond++
			p.Beyond++
		}
	}
	s.show(c, http.StatusOK, "scheme/try", &p)
	return nil
}
