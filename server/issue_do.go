package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/feedback/passing"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/templates"
)

// deed is a further act on an issue, with a page of its own: its fields in order and
// what it calls.
type deed struct {
	act    feedback.Act
	fields []string
	do     func(d *deedCall) error
}

// deedCall is one submission of a deed's form.
type deedCall struct {
	*gin.Context
	fb    *feedback.Store
	duty  *passing.Store
	by    org.Actor
	ref   string
	idem  string
	files []feedback.File
}

func (d *deedCall) text(field string) string { return text(d.Context, field) }

func (d *deedCall) units(field string) (out []org.UnitID) {
	for _, u := range d.PostFormArray(field) {
		if n, err := strconv.ParseInt(u, 10, 64); err == nil && n > 0 {
			out = append(out, org.UnitID(n))
		}
	}
	return out
}

// deeds are the further acts, in the order in which they are offered.
var deeds = []deed{
	{feedback.ActTake, nil, func(d *deedCall) error { return d.fb.Take(d.Request.Context(), d.by, d.ref, d.idem) }},
	{feedback.ActPropose, []string{"duty?", "to?", "clause?", "reason?"}, propose},
	{feedback.ActArbitrate, []string{"lead", "cooperating", "reason"}, func(d *deedCall) error {
		a := feedback.Arbitration{Lead: formID[org.UnitID](d.Context, "lead"), Cooperating: d.units("cooperating"), Reason: d.text("reason")}
		return d.fb.Arbitrate(d.Request.Context(), d.by, d.ref, a, d.idem)
	}},
	{feedback.ActExtendGrant, []string{"reason?"}, func(d *deedCall) error {
		return d.fb.DecideExtension(d.Request.Context(), d.by, d.ref, true, d.text("reason"), d.idem)
	}},
	{feedback.ActExtendDeny, []string{"reason"}, func(d *deedCall) error {
		return d.fb.DecideExtension(d.Request.Context(), d.by, d.ref, false, d.text("reason"), d.idem)
	}},
	{feedback.ActReview, []string{"outcome", "text"}, func(d *deedCall) error {
		if o := d.PostForm("outcome"); o != "stands" && o != "overturned" {
			return fault.Field("outcome", "life.review-missing")
		}
		return d.fb.ReviewPolicy(d.Request.Context(), d.by, d.ref, d.PostForm("outcome") == "stands", d.text("text"), d.idem)
	}},
	{feedback.ActCallBack, []string{"outcome", "channel", "text"}, func(d *deedCall) error {
		return d.fb.CallBack(d.Request.Context(), d.by, d.ref, feedback.CallBack{Outcome: d.PostForm("outcome"), Channel: d.PostForm("channel"), Text: d.text("text")}, d.idem)
	}},
	{feedback.ActReopen, []string{"reason"}, func(d *deedCall) error {
		return d.fb.Reopen(d.Request.Context(), d.by, d.ref, d.text("reason"), d.idem)
	}},
	{feedback.ActMessage, []string{"text", "files"}, func(d *deedCall) error {
		return d.fb.Message(d.Request.Context(), d.by, d.ref, d.text("text"), d.files, d.idem)
	}},
	{feedback.ActAssign, []string{"officer"}, func(d *deedCall) error {
		return d.fb.Assign(d.Request.Context(), d.by, d.ref, formID[org.AccountID](d.Context, "officer"), d.idem)
	}},
	{feedback.ActCooperate, []string{"text"}, func(d *deedCall) error {
		return d.fb.Cooperate(d.Request.Context(), d.by, d.ref, d.text("text"), d.idem)
	}},
	{feedback.ActPause, []string{"reason", "letter?", "text"}, func(d *deedCall) error {
		return d.fb.Pause(d.Request.Context(), d.by, d.ref, feedback.Pause{Reason: d.PostForm("reason"), Letter: line(d.Context, "letter"), Text: d.text("text")}, d.idem)
	}},
	{feedback.ActResume, []string{"text?"}, func(d *deedCall) error { return d.fb.Resume(d.Request.Context(), d.by, d.ref, d.text("text"), d.idem) }},
	{feedback.ActExtendAsk, []string{"days", "reason"}, func(d *deedCall) error {
		days, _ := strconv.Atoi(line(d.Context, "days"))
		return d.fb.AskExtension(d.Request.Context(), d.by, d.ref, days, d.text("reason"), d.idem)
	}},
	{feedback.ActRefuseNamed, []string{"reason"}, func(d *deedCall) error {
		return d.fb.RefuseNamed(d.Request.Context(), d.by, d.ref, d.text("reason"), d.idem)
	}},
	{feedback.ActFind, []string{"outcome", "text"}, func(d *deedCall) error {
		if o := d.PostForm("outcome"); o != "upheld" && o != "not" {
			return fault.Field("outcome", "life.find-missing")
		}
		return d.fb.Find(d.Request.Context(), d.by, d.ref, d.PostForm("outcome") == "upheld", d.text("text"), d.idem)
	}},
	{feedback.ActSpecial, []string{"basis", "approver", "deviation"}, func(d *deedCall) error {
		return d.fb.Handle(d.Request.Context(), d.by, d.ref, feedback.Special{Basis: d.text("basis"), Approver: d.text("approver"), Deviation: d.text("deviation")}, d.idem)
	}},
	{feedback.ActMerge, []string{"into", "reason"}, func(d *deedCall) error {
		return d.fb.Merge(d.Request.Context(), d.by, d.ref, line(d.Context, "into"), d.text("reason"), d.idem)
	}},
	{feedback.ActDecline, []string{"reason", "clause"}, func(d *deedCall) error {
		return d.fb.Decline(d.Request.Context(), d.by, d.ref, d.text("reason"), d.text("clause"), d.idem)
	}},
}

// awaited are the acts by which the reader answers what waits for him.
var awaited = []feedback.Act{feedback.ActTake, feedback.ActArbitrate, feedback.ActExtendGrant, feedback.ActExtendDeny, feedback.ActReview, feedback.ActCallBack, feedback.ActFind}

// furtherActs are those the reader may do now: what waits for him, and what he may do beside.
func (s *Server) furtherActs(a org.Actor, i feedback.Issue, t *locale.Translator) (duties, acts []choice) {
	for _, d := range deeds {
		if !i.MayAt(a, d.act, s.Now()) {
			continue
		}
		one := choice{Value: string(d.act), Label: t.T("life.do-" + string(d.act)), Hint: t.T("life.hint-"+string(d.act), "Days", feedback.ExtensionDays(i.Grade))}
		if slices.Contains(awaited, d.act) {
			duties = append(duties, one)
		} else {
			acts = append(acts, one)
		}
	}
	return duties, acts
}

// deedField is a field of a deed's form.
type deedField struct {
	Name, Kind, Label, Hint, Value string
	Opt                            bool
	Options                        []choice
	Values                         []string
}

type deedPage struct {
	templates.Page
	Issue  feedback.Issue
	Base   string
	Act    string
	Hint   string
	Fields []deedField
	Seen   int64
}

// issueDo shows the page of one further act.
func (s *Server) issueDo(c *gin.Context, base string) error {
	p, err := s.deedPage(c, base)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "issue/act", p)
	return nil
}

func (s *Server) deedPage(c *gin.Context, base string) (*deedPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	n := slices.IndexFunc(deeds, func(d deed) bool { return string(d.act) == c.Param("act") })
	i, err := s.Feedback.Issue(ctx, a, c.Param("ref"))
	if err != nil {
		return nil, err
	}
	if n < 0 || (c.Request.Method == http.MethodGet && !i.MayAt(a, deeds[n].act, s.Now())) {
		return nil, errNotFound
	}
	p := &deedPage{Page: s.page(c, "life.do-"+string(deeds[n].act)), Issue: i, Base: base, Act: string(deeds[n].act), Seen: i.LastEvent}
	p.Narrow = true
	p.Back = templates.Link{Href: base + "/" + i.Ref, Label: i.Ref}
	p.Hint = p.T("life.hint-"+p.Act, "Days", feedback.ExtensionDays(i.Grade))
	for _, name := range deeds[n].fields {
		f, err := s.deedField(c, p, name)
		if err != nil {
			return nil, err
		}
		if f.Name == "duty" && len(f.Options) == 0 { // the catalogue has nothing for the category
			continue
		}
		p.Fields = append(p.Fields, f)
	}
	return p, nil
}

// deedField prepares one field, with what was typed.
func (s *Server) deedField(c *gin.Context, p *deedPage, name string) (deedField, error) {
	f := deedField{Name: name, Kind: "textarea"}
	if f.Opt = name[len(name)-1] == '?'; f.Opt {
		f.Name = name[:len(name)-1]
	}
	f.Label = p.T("life.f-" + f.Name)
	f.Value, f.Values = text(c, f.Name), c.PostFormArray(f.Name)
	var err error
	switch {
	case f.Name == "to" || f.Name == "lead" || f.Name == "cooperating":
		f.Kind = map[bool]string{true: "checks", false: "select"}[f.Name == "cooperating"]
		f.Options, err = s.unitChoices(c.Request.Context(), p.Translator)
	case f.Name == "duty":
		f.Kind = "select"
		f.Options, err = s.dutyChoices(c, p)
	case f.Name == "officer":
		f.Kind = "select"
		var people []feedback.Officer
		people, err = s.Feedback.Officers(c.Request.Context(), actor(c))
		for _, o := range people {
			f.Options = append(f.Options, choice{Value: idText(o.ID), Label: o.Name})
		}
	case f.Name == "outcome" && p.Act == string(feedback.ActCallBack):
		f.Kind, f.Options = "radios", choices(p.Translator, "life.outcome-", feedback.Outcomes)
	case f.Name == "outcome" && p.Act == string(feedback.ActReview):
		f.Kind, f.Options = "radios", choices(p.Translator, "life.review-", []string{"stands", "overturned"})
	case f.Name == "outcome":
		f.Kind, f.Options = "radios", choices(p.Translator, "life.find-", []string{"upheld", "not"})
	case f.Name == "channel":
		f.Kind, f.Options = "radios", choices(p.Translator, "issue.channel-", []string{"phone", "visit", "portal"})
	case f.Name == "reason" && p.Act == string(feedback.ActPause):
		f.Kind, f.Options = "radios", choices(p.Translator, "life.paused-", feedback.PauseReasons)
	case f.Name == "days" || f.Name == "letter" || f.Name == "into" || f.Name == "approver":
		f.Kind = "input"
	case f.Name == "files":
		f.Kind, f.Opt = "files", true
	}
	return f, err
}

// issueDone does the act, or shows its page again with what was typed.
func (s *Server) issueDone(c *gin.Context, base string) error {
	n := slices.IndexFunc(deeds, func(d deed) bool { return string(d.act) == c.Param("act") })
	if n < 0 {
		return errNotFound
	}
	ref, key := c.Param("ref"), idem(c)
	files, err := readFiles(c)
	if err == nil {
		err = deeds[n].do(&deedCall{Context: c, fb: s.Feedback.From(seen(c)), duty: s.Passing, by: actor(c), ref: ref, idem: key, files: files})
	}
	if err == nil {
		if _, gone := s.Feedback.Issue(c.Request.Context(), actor(c), ref); gone != nil { // it is another unit's now
			s.redirect(c, base, "life")
			return nil
		}
		s.redirect(c, base+"/"+ref, "life")
		return nil
	}
	if moved(err) {
		return s.issueMoved(c, base, err)
	}
	if errors.Is(err, fault.ErrForbidden) || errors.Is(err, fault.ErrNotFound) {
		return err
	}
	p, perr := s.deedPage(c, base)
	if perr != nil {
		return perr
	}
	p.Idem, p.Seen = key, seen(c)
	var order []string
	for _, f := range p.Fields {
		order = append(order, f.Name)
	}
	return s.refuseIn(c, err, "issue/act", p, order...)
}
