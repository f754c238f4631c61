package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/evaluation/editor"
	"pingyi/fault"
	"pingyi/locale"
	"pingyi/templates"
)

// outlineRow is a part of a tree with its weight as typed.
type outlineRow struct {
	Code, Title, Href, Weight, How string
	First, Last                    bool
	Below                          []outlineRow
	BelowSum                       outlineSum
}

// outlineSum is what the weights of neighbours come to.
type outlineSum struct {
	Total, Left string
	Even        bool
}

type treePage struct {
	templates.Page
	Info     evaluation.SchemeInfo
	Tree     string
	Revision string
	Rows     []outlineRow
	Sum      outlineSum
	Todo     []todo
	Chapters []explainedChapter
}

func (s *Server) treePage(c *gin.Context, info evaluation.SchemeInfo, sc *evaluation.Scheme, t *evaluation.Tree) *treePage {
	p := &treePage{Page: s.page(c, "edit.page-tree"), Info: info, Tree: t.Code, Revision: strconv.Itoa(info.Revision)}
	p.Title, p.Caption = treeTitle(p.Translator, sc, t.Code), schemeLabel(&p.Page, info)
	base := schemePath(info.ID)
	p.Back = templates.Link{Href: base + "/edit/trees", Label: p.T("edit.page-trees")}
	p.Rows, p.Sum = outline(p.Translator, sc, base+"/tree/"+t.Code+"/", t.Parts, nil)
	inside := map[string]bool{"tree." + t.Code: true}
	each(t.Parts, func(n *evaluation.Node) { inside["part."+n.Code] = true })
	for _, x := range s.todo(p.Translator, sc, base, sc.Validate()) {
		if inside[x.Place] {
			p.Todo = append(p.Todo, x)
		}
	}
	for _, x := range explain(p.Translator, sc, "tree") {
		if x.Title == p.Title {
			p.Chapters = append(p.Chapters, x)
		}
	}
	return p
}

func each(parts []evaluation.Node, do func(*evaluation.Node)) {
	for i := range parts {
		do(&parts[i])
		each(parts[i].Parts, do)
	}
}

// outline lists parts with their weights, as typed where they were.
func outline(t *locale.Translator, sc *evaluation.Scheme, base string, parts []evaluation.Node, typed map[string]string) ([]outlineRow, outlineSum) {
	var out []outlineRow
	for i, n := range parts {
		r := outlineRow{Code: n.Code, Title: n.Name.In(t.Lang()), Href: base + n.Code, Weight: n.Weight.Plain(), First: i == 0, Last: i == len(parts)-1}
		if w, ok := typed[n.Code]; ok {
			r.Weight = w
		}
		if r.Title == "" {
			r.Title = t.T("edit.nameless", "Code", n.Code)
		}
		r.How = t.T("edit.none-parts")
		if n.Source != nil {
			r.How = t.T("edit.o-source-" + n.Source.Kind)
		}
		r.Below, r.BelowSum = outline(t, sc, base, n.Parts, typed)
		out = append(out, r)
	}
	sum := editor.Sum(parts)
	left := evaluation.Of(sum.Rat().Sub(evaluation.Frac(100, 1).Rat(), sum.Rat()))
	return out, outlineSum{Total: editor.Sum(parts).Plain(), Left: left.Plain(), Even: left.Equal(evaluation.Frac(0, 1))}
}

// treeOf reads the draft and the tree of the address.
func (s *Server) treeOf(c *gin.Context) (evaluation.SchemeInfo, *evaluation.Scheme, *evaluation.Tree, error) {
	info, sc, err := s.draft(c)
	if err != nil {
		return info, nil, nil, err
	}
	t := editor.Tree(sc, c.Param("tree"))
	if t == nil {
		return info, nil, nil, errNotFound
	}
	return info, sc, t, nil
}

func (s *Server) editTree(c *gin.Context) error {
	info, sc, t, err := s.treeOf(c)
	if errors.Is(err, evaluation.ErrSchemeAdopted) {
		s.redirect(c, schemePath(info.ID), "")
		return nil
	}
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "scheme/tree", s.treePage(c, info, sc, t))
	return nil
}

// typedWeights reads the weights of a tree's parts: as typed, as numbers, and what is
// no number by its field.
func typedWeights(c *gin.Context, t *evaluation.Tree) (map[string]string, map[string]evaluation.Exact, fault.Fields) {
	typed, weights, problems := map[string]string{}, map[string]evaluation.Exact{}, fault.Fields{}
	each(t.Parts, func(n *evaluation.Node) {
		if _, sent := c.Request.PostForm["w."+n.Code]; !sent {
			return
		}
		typed[n.Code] = line(c, "w."+n.Code)
		x, ok := editor.ReadNumber(typed[n.Code])
		if !ok && typed[n.Code] != "" {
			problems.Add("w."+n.Code, "edit.number", "Typed", typed[n.Code])
			return
		}
		weights[n.Code] = x
	})
	return typed, weights, problems
}

// saveTree takes the weights of a tree, and adds or moves a part. What it does is
// saved at once: a draft may be half-finished.
func (s *Server) saveTree(c *gin.Context) error {
	info, sc, t, err := s.treeOf(c)
	if err != nil {
		return err
	}
	typed, weights, problems := typedWeights(c, t)
	refuse := func(err error) error {
		p := s.treePage(c, info, sc, t)
		p.Rows, p.Sum = outline(p.Translator, sc, schemePath(info.ID)+"/tree/"+t.Code+"/", t.Parts, typed)
		return s.refuse(c, err, "scheme/tree", p)
	}
	if err := problems.Err(); err != nil {
		return refuse(err)
	}
	verb, what, _ := strings.Cut(c.PostForm("do"), ":")
	added := ""
	revision, _ := strconv.Atoi(line(c, "revision"))
	err = s.Evaluation.Change(c.Request.Context(), actor(c), info.ID, revision, func(now *evaluation.Scheme) error {
		at := editor.Tree(now, t.Code)
		if at == nil {
			return errNotFound
		}
		each(at.Parts, func(n *evaluation.Node) {
			if x, ok := weights[n.Code]; ok {
				n.Weight = x
			}
		})
		switch verb {
		case "add":
			added, _ = editor.AddPart(at, what)
		case "up":
			editor.MovePart(at, what, -1)
		case "down":
			editor.MovePart(at, what, 1)
		case "remove":
			editor.RemovePart(at, what)
		}
		return nil
	})
	if err != nil {
		return refuse(err)
	}
	to := schemePath(info.ID) + "/tree/" + t.Code
	if added != "" {
		to += "/" + added
	}
	done := "saved"
	if verb == "remove" {
		done = "part-removed"
	}
	s.redirect(c, to, done)
	return nil
}

// partPage prepares the page of one part.
func (s *Server) partPage(c *gin.Context, info evaluation.SchemeInfo, sc *evaluation.Scheme, t *evaluation.Tree) (*editPage, *evaluation.Node) {
	n := editor.Part(t, c.Param("part"))
	if n == nil {
		return nil, nil
	}
	p := s.editPage(c, info, "trees")
	p.Tree, p.Part, p.Prev, p.Next, p.MayRemove = t.Code, n.Code, templates.Link{}, templates.Link{}, true
	p.Title = n.Name.In(p.Lang())
	if p.Title == "" {
		p.Title = p.T("edit.nameless", "Code", n.Code)
	}
	p.Back = templates.Link{Href: schemePath(info.ID) + "/tree/" + t.Code, Label: treeTitle(p.Translator, sc, t.Code)}
	p.Below, _ = outline(p.Translator, sc, schemePath(info.ID)+"/tree/"+t.Code+"/", n.Parts, nil)
	return p, n
}

func (s *Server) editPart(c *gin.Context) error {
	info, sc, t, err := s.treeOf(c)
	if errors.Is(err, evaluation.ErrSchemeAdopted) {
		s.redirect(c, schemePath(info.ID), "")
		return nil
	}
	if err != nil {
		return err
	}
	p, n := s.partPage(c, info, sc, t)
	if n == nil {
		return errNotFound
	}
	form, _ := editor.PartForm(sc, t.Code, n.Code)
	v, err := editor.Fill(sc, form)
	if err != nil {
		return err
	}
	s.fill(p, sc, form, v)
	s.show(c, http.StatusOK, "scheme/edit", p)
	return nil
}

// savePart saves a part. Its code must be unlike the others' of its tree.
func (s *Server) savePart(c *gin.Context) error {
	info, sc, t, err := s.treeOf(c)
	if err != nil {
		return err
	}
	p, n := s.partPage(c, info, sc, t)
	if n == nil {
		return errNotFound
	}
	code := line(c, "part.code")
	if code != n.Code && editor.Part(t, code) != nil {
		form, _ := editor.PartForm(sc, t.Code, n.Code)
		p.Idem = idem(c)
		s.fill(p, sc, form, typedForm(c))
		return s.refuse(c, fault.Field("part.code", "scheme.code-twice", "Code", code), "scheme/edit", p)
	}
	return s.saveForm(c, p, sc, func(sc *evaluation.Scheme) (editor.Page, bool) { return editor.PartForm(sc, t.Code, n.Code) })
}
