package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// issueAct does one act of a form of the issue's page.
func (s *Server) issueAct(c *gin.Context, base string) error {
	ref, key := c.Param("ref"), idem(c)
	f := actForm{Result: c.PostForm("result"), Text: text(c, "text"), Basis: text(c, "basis"), Note: text(c, "note"), Verdict: c.PostForm("verdict"),
		Satisfaction: c.PostForm("satisfaction"), Reason: text(c, "reason"), Grade: c.PostForm("grade"), Lead: line(c, "lead"), Channel: c.PostForm("channel"),
		Why: text(c, "why"), Requirement: text(c, "requirement"), Days: line(c, "days"), On: line(c, "on"), Cooperating: c.PostFormArray("cooperating")}
	f.BasisKind = c.PostForm("basis_kind")
	files, err := readFiles(c)
	ask := false
	if err == nil {
		ask, err = s.doAct(c, ref, key, f, files)
	}
	if moved(err) {
		return s.issueMoved(c, base, err)
	}
	if err == nil && !ask && preview(c) {
		return s.issuePreview(c, base, f, key)
	}
	if err == nil && !ask {
		s.redirect(c, base+"/"+ref, "issue-"+c.Param("act"))
		return nil
	}
	p, perr := s.issuePage(c, base)
	if perr != nil {
		return perr
	}
	p.Form, p.Idem, p.Seen = f, key, seen(c)
	if ask && !ticked(c, "change") {
		p.Confirm = s.orderSentence(c, p)
		s.show(c, http.StatusOK, "issue/order", p)
		return nil
	}
	if ask { // back from the confirmation, to change what was typed
		s.show(c, http.StatusOK, "issue/view", p)
		return nil
	}
	if c.Param("act") == "order" {
		return s.refuseIn(c, err, "issue/view", p, "lead", "cooperating", "days", "on", "requirement")
	}
	if errors.Is(err, fault.ErrForbidden) {
		return err
	}
	return s.refuseIn(c, err, "issue/view", p, "grade", "lead", "result", "text", "basis", "files", "note", "verdict", "satisfaction", "reason", "channel", "why")
}

// doAct calls the domain; ask says that a serious act wants its confirmation page.
func (s *Server) doAct(c *gin.Context, ref, key string, f actForm, files []feedback.File) (ask bool, err error) {
	ctx, a, fb := c.Request.Context(), actor(c), s.Feedback.From(seen(c))
	answer := feedback.Answer{Result: f.Result, Text: f.Text, Basis: f.Basis, BasisKind: f.BasisKind, Note: f.Note, Files: files}
	switch feedback.Act(c.Param("act")) {
	case feedback.ActRegister:
		return false, fb.Register(ctx, a, ref, feedback.Registration{Grade: f.Grade, Lead: formID[org.UnitID](c, "lead"), Note: f.Note}, key)
	case feedback.ActSign:
		return false, fb.Sign(ctx, a, ref, key)
	case feedback.ActReply:
		return false, fb.Reply(ctx, a, ref, f.Text, key)
	case feedback.ActAnswer:
		if preview(c) {
			return false, answer.Check()
		}
		return false, fb.Answer(ctx, a, ref, answer, key)
	case feedback.ActAccept:
		return false, fb.Confirm(ctx, a, ref, feedback.Verdict{Accept: true, Verdict: f.Verdict, Satisfied: f.Satisfaction, Reason: f.Reason}, key)
	case feedback.ActRefuse:
		return false, fb.Confirm(ctx, a, ref, feedback.Verdict{Reason: f.Reason}, key)
	case "close":
		return false, fb.CloseCollective(ctx, a, ref, f.Reason, key)
	case feedback.ActReceive:
		return false, fb.ReceiveOrder(ctx, a, ref, key)
	case feedback.ActReport:
		return false, fb.Report(ctx, a, ref, answer, key)
	case feedback.ActFeedBack:
		return false, fb.FeedBack(ctx, a, ref, f.Text, f.Channel, key)
	case feedback.ActWithdraw:
		return false, fb.Withdraw(ctx, a, ref, key)
	case feedback.ActExclude:
		return false, fb.Exclude(ctx, a, ref, f.Why, key)
	case feedback.ActOrder:
		d := f.order(c)
		if !ticked(c, "confirmed") {
			if _, err := fb.Issue(ctx, a, ref); err != nil {
				return false, err
			}
			_, err := fb.CheckOrder(ctx, d)
			return err == nil, err
		}
		_, err := fb.IssueOrder(ctx, a, ref, d, key)
		return false, err
	}
	return false, fault.ErrNotFound
}

func (f actForm) order(c *gin.Context) feedback.OrderDraft {
	d := feedback.OrderDraft{Lead: formID[org.UnitID](c, "lead"), Requirement: f.Requirement, On: f.On}
	d.Days, _ = strconv.Atoi(f.Days)
	for _, u := range f.Cooperating {
		if n, err := strconv.ParseInt(u, 10, 64); err == nil && n > 0 {
			d.Cooperating = append(d.Cooperating, org.UnitID(n))
		}
	}
	return d
}

// orderSentence repeats an order in one sentence before it is signed.
func (s *Server) orderSentence(c *gin.Context, p *issuePage) string {
	d := p.Form.order(c)
	due, err := s.Feedback.CheckOrder(c.Request.Context(), d)
	if err != nil {
		return ""
	}
	lead, with := "", []string(nil)
	for _, u := range p.Units {
		if u.Value == p.Form.Lead {
			lead = u.Label
		}
		if slices.Contains(p.Form.Cooperating, u.Value) {
			with = append(with, u.Label)
		}
	}
	if len(with) == 0 {
		return p.T("order.sentence", "Unit", lead, "Date", p.DateLong(due.Time()), "Ref", p.Issue.Ref)
	}
	return p.T("order.sentence-with", "Unit", lead, "With", strings.Join(with, p.T("frame.comma")), "Date", p.DateLong(due.Time()), "Ref", p.Issue.Ref)
}
