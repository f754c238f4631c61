package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/feedback/intake"
	"pingyi/org"
	"pingyi/templates"
)

// suggestionBases are the places from which each side looks at suggestions.
var suggestionBases = []struct {
	path  string
	allow access
}{
	{"/c/suggestions", only(org.RoleCompany)},
	{"/d/suggestions", only(org.RoleHead, org.RoleOfficer)},
	{"/o/suggestions", either(offices, only(org.RoleSupervision))},
}

// suggestionRoutes: the suggestion box.
func (s *Server) suggestionRoutes() []route {
	routes := []route{
		post("/c/suggestions", only(org.RoleCompany), s.suggest),
		post("/d/suggestions/:suggestion/reply", only(org.RoleHead, org.RoleOfficer), func(c *gin.Context) error { return s.replySuggestion(c, "/d/suggestions") }),
		post("/o/suggestions/:suggestion/reply", offices, func(c *gin.Context) error { return s.replySuggestion(c, "/o/suggestions") }),
		post("/o/suggestions/:suggestion/pass", offices, s.passSuggestion),
	}
	for _, b := range suggestionBases {
		base := b.path
		routes = append(routes, get(base, b.allow, func(c *gin.Context) error { return s.suggestions(c, base) }),
			get(base+"/:suggestion", b.allow, func(c *gin.Context) error { return s.suggestion(c, base) }))
	}
	return routes
}

type suggestionsPage struct {
	templates.Page
	Base     string
	Rows     []intake.Suggestion
	Total    int
	Pager    templates.Pager
	Only     string
	Adoption intake.Adoption
	Makes    bool
	Units    []choice
	Form     intake.SuggestionDraft
}

func (s *Server) suggestionsPage(c *gin.Context, base string) (*suggestionsPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &suggestionsPage{Page: s.page(c, "suggestion.title"), Base: base, Only: c.Query("only"), Makes: a.Role == org.RoleCompany}
	var err error
	if p.Rows, p.Total, err = s.Intake.Suggestions(ctx, a, p.Only == "open", pageNumber(c), 20); err != nil {
		return nil, err
	}
	p.Pager = templates.NewPager(base, c.Request.URL.Query(), pageNumber(c), 20, p.Total)
	if p.Adoption, err = s.Intake.Adoption(ctx, a); err != nil || !p.Makes {
		return p, err
	}
	p.Units, err = s.unitChoices(ctx, p.Translator)
	return p, err
}

func (s *Server) suggestions(c *gin.Context, base string) error {
	p, err := s.suggestionsPage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "intake/suggestions", p)
	return nil
}

func (s *Server) suggest(c *gin.Context) error {
	p, err := s.suggestionsPage(c, "/c/suggestions")
	if err != nil {
		return err
	}
	p.Idem = idem(c)
	p.Form = intake.SuggestionDraft{Title: text(c, "title"), Body: text(c, "body"), Unit: formID[org.UnitID](c, "unit"), Named: ticked(c, "named"), Lang: p.Lang()}
	ref, err := s.Intake.Suggest(c.Request.Context(), actor(c), p.Form, p.Idem)
	if err != nil {
		return s.refuseIn(c, err, "intake/suggestions", p, "title", "body", "unit", "named")
	}
	s.redirect(c, "/c/suggestions/"+ref, "suggestion-made")
	return nil
}

type suggestionPage struct {
	templates.Page
	S        intake.Suggestion
	Base     string
	Writer   string
	MayReply bool
	MayPass  bool
	Replies  []choice
	Units    []choice
	Reply    string
	Reason   string
}

func (s *Server) suggestionPage(c *gin.Context, base string) (*suggestionPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	x, err := s.Intake.Suggestion(ctx, a, c.Param("suggestion"))
	if err != nil {
		return nil, err
	}
	p := &suggestionPage{Page: s.page(c, "suggestion.title"), S: x, Base: base, MayReply: x.MayReply(a), MayPass: a.IsOffice() && x.Reply == ""}
	p.Title, p.TitleLang, p.Caption, p.Narrow = x.Title, x.Lang, x.Ref, true
	p.Back = templates.Link{Href: base, Label: p.T("suggestion.title")}
	if p.Writer = x.CompanyName.In(p.Lang()); p.Writer == "" {
		p.Writer = p.T("issue.anonymous")
	}
	p.Replies = choices(p.Translator, "suggestion.reply-", intake.Replies)
	if p.MayPass {
		p.Units, err = s.unitChoices(ctx, p.Translator)
	}
	return p, err
}

func (s *Server) suggestion(c *gin.Context, base string) error {
	p, err := s.suggestionPage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "intake/suggestion", p)
	return nil
}

func (s *Server) replySuggestion(c *gin.Context, base string) error {
	p, err := s.suggestionPage(c, base)
	if err != nil {
		return err
	}
	p.Reply, p.Reason = c.PostForm("reply"), text(c, "reason")
	if err := s.Intake.Reply(c.Request.Context(), actor(c), p.S.Ref, p.Reply, p.Reason); err != nil {
		return s.refuseIn(c, err, "intake/suggestion", p, "reply", "reason")
	}
	s.redirect(c, base+"/"+p.S.Ref, "suggestion-replied")
	return nil
}

func (s *Server) passSuggestion(c *gin.Context) error {
	p, err := s.suggestionPage(c, "/o/suggestions")
	if err != nil {
		return err
	}
	if err := s.Intake.Pass(c.Request.Context(), actor(c), p.S.Ref, formID[org.UnitID](c, "unit")); err != nil {
		return s.refuseIn(c, err, "intake/suggestion", p, "unit")
	}
	s.redirect(c, "/o/suggestions/"+p.S.Ref, "suggestion-passed")
	return nil
}
