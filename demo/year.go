package demo

import (
	"errors"
	"fmt"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

func day(year, month, d int) calendar.Date {
	return calendar.Date(fmt.Sprintf("%d-%02d-%02d", year, month, d))
}

// year lets a year pass up to a day: quarters with visits and sheets, issues, the
// mid-year campaign and, when the year is over, the year-end one.
func (c *county) year(year int, until calendar.Date) error {
	for q := 1; q <= 4; q++ {
		if day(year, 3*q-2, 10) > until {
			break
		}
		if err := c.quarter(year, q, until); err != nil {
			return fmt.Errorf("quarter %d of %d: %w", q, year, err)
		}
		if q == 2 && day(year, 7, 10) <= until {
			if err := c.campaign(year, "mid_year", day(year, 6, 10), day(year, 6, 24)); err != nil {
				return fmt.Errorf("mid-year campaign of %d: %w", year, err)
			}
		}
	}
	if until >= day(year, 12, 31) {
		if err := c.campaign(year, "year_end", day(year, 12, 8), day(year, 12, 22)); err != nil {
			return fmt.Errorf("year-end campaign of %d: %w", year, err)
		}
	}
	return nil
}

// quarter plans the visits of a quarter, makes most of them, gets most sheets
// back, and lets companies raise issues.
func (c *county) quarter(year, q int, until calendar.Date) error {
	office := c.people["party-office-1"]
	first := 3*q - 2
	c.clock.set(day(year, first, 5), 9, 0)
	// a large county spreads its visits: each company once in several quarters
	every := max(1, c.size.Companies/400)
	if every == 1 {
		if _, err := c.Plans.Quarter(c.ctx, office, year, q); err != nil {
			return err
		}
	}
	for i, m := range c.companies {
		if every > 1 {
			if (i+4*year+q)%every != 0 {
				continue
			}
			if _, err := c.Feedback.Plan(c.ctx, office, m.contact, m.actor.Company, year, q); err != nil {
				return err
			}
		}
		on, waits := day(year, first+c.rnd.IntN(3), 6+c.rnd.IntN(20)), false
		if i < 3 && until < day(year, first+2, 28) { // the first demo companies have a sheet to fill in
			on, waits = until.AddDays(-5), true
		}
		if err := c.visit(m, on, until, waits); err != nil {
			return err
		}
	}
	return c.issues(year, q, until)
}

// visit is made by the contact unit, and its sheet comes back some days later;
// one that waits is made and its sheet is still to come.
func (c *county) visit(m member, on, until calendar.Date, waits bool) error {
	care := c.quality[m.contact] / 100
	made, returned := c.chance(0.55+0.45*care), c.chance(0.82)
	if waits {
		made, returned = true, false
	}
	answers := map[string]string{}
	for _, item := range feedback.SheetItems {
		answers[item] = c.level(c.quality[m.contact] + m.lenient)
	}
	if c.chance(0.05) {
		answers = map[string]string{"q1": answers["q1"]} // too little answered
	}
	sheet := feedback.Sheet{Area: pick(c, feedback.SheetAreas), Answers: answers, Demand: "no", Solved: pick(c, feedback.SheetSolved), Release: pick(c, feedback.SheetReleases),
		Opinion: pick(c, opinions), Suggestion: pick(c, suggestions), Lang: m.actor.Lang, WantsReply: c.chance(0.2)}
	if c.chance(0.02) {
		sheet.Demand, sheet.DemandText = "yes", "被要求订购指定的报刊。"
	}
	if !made || on >= until {
		return nil
	}
	c.clock.set(on, 16, 0)
	id, err := c.Feedback.RecordVisit(c.ctx, c.officers[m.contact], feedback.VisitRecord{Company: m.actor.Company, On: string(on), Staff: c.visitor(m.contact, c.rnd.IntN(90)),
		Purpose: pick(c, matters)}, c.key())
	if err != nil {
		return err
	}
	if back := on.AddDays(1 + c.rnd.IntN(6)); returned && back < until {
		c.clock.set(back, 10, c.rnd.IntN(60))
		no, err := c.Feedback.FileSheet(c.ctx, m.actor, id, "", sheet, c.key())
		if err != nil {
			return err
		}
		for _, office := range []string{"party-office-1", "gov-office-1"} {
			if c.chance(0.9) {
				if err := c.Feedback.Receive(c.ctx, c.people[office], no); err != nil {
					return err
				}
			}
		}
		if sheet.Dissatisfied() {
			return c.putRight(id, back, until)
		}
	}
	return nil
}

// issues lets a dozen and more companies of a quarter raise an issue and takes
// each as far as its story goes by the day.
func (c *county) issues(year, q int, until calendar.Date) error {
	for i := range 14 {
		t := troubles[(i+q*3+year)%len(troubles)]
		m := pick(c, c.companies[:min(len(c.companies), 200)])
		if i == 0 { // the first demo company has a story in every quarter
			m = c.companies[0]
		}
		start := day(year, 3*q-2+c.rnd.IntN(3), 3+c.rnd.IntN(24))
		if start >= until {
			start = until.AddDays(-1 - c.rnd.IntN(12))
		}
		if err := c.issue(m, t, start, until, i); err != nil {
			return fmt.Errorf("issue %q: %w", t.title, err)
		}
	}
	return nil
}

// story walks an issue through its life; each step happens on its day or, when
// that is still to come, not yet.
type story struct {
	c     *county
	at    calendar.Date
	until calendar.Date
	err   error
	over  bool
}

func (s *story) after(days int, do func() error) {
	if s.err != nil || s.over {
		return
	}
	if s.at = s.at.AddDays(days); s.at >= s.until {
		s.over = true
		return
	}
	s.c.clock.set(s.at, 9+s.c.rnd.IntN(8), s.c.rnd.IntN(60))
	s.err = do()
}

func (c *county) issue(m member, t trouble, start, until calendar.Date, i int) error {
	unit := c.byCode[t.unit]
	officer := c.officers[unit.ID]
	office, chair := c.people["gov-office-1"], c.people["leader-chair"]
	company := m.actor
	shown := []string{"unit", "unit", "offices", "chamber"}[i%4]
	good := c.chance(c.quality[unit.ID] / 110)
	var ref string
	s := &story{c: c, at: start, until: until}
	s.after(0, func() (err error) {
		ref, err = c.Feedback.Raise(c.ctx, company, feedback.IssueDraft{Category: t.category, Title: t.title, Body: t.body, Wish: t.wish, NameShown: shown, Lang: t.lang}, c.key())
		c.raisedBy[ref] = company
		return err
	})
	s.after(1, func() error {
		return c.Feedback.Register(c.ctx, office, ref, feedback.Registration{Grade: t.grade, Lead: unit.ID}, c.key())
	})
	answer := feedback.Answer{Result: "solved", Text: t.answer}
	slow := 0
	if !good {
		slow = feedback.DaysOf(t.grade) + c.rnd.IntN(12)
	}
	if t.grade == "A" {
		s.after(2, func() error { return c.order(chair, ref, unit.ID) })
		s.after(1, func() error { return c.Feedback.ReceiveOrder(c.ctx, officer, ref, c.key()) })
		s.after(6+slow/2, func() error { return c.Feedback.Report(c.ctx, officer, ref, answer, c.key()) })
		s.after(1, func() error { return c.Feedback.FeedBack(c.ctx, office, ref, t.answer, "portal", c.key()) })
		s.after(3, func() error { return c.confirm(company, ref, good, t) })
		return s.err
	}
	s.after(1, func() error { return c.Feedback.Sign(c.ctx, officer, ref, c.key()) })
	s.after(1+slow, func() error {
		if _, err := c.Feedback.EscalateOverdue(c.ctx); err != nil {
			return err
		}
		err := c.Feedback.Answer(c.ctx, officer, ref, answer, c.key())
		if errors.Is(err, feedback.ErrState) { // overdue: the leading group has it
			s.over = true
			return c.overdue(s, ref, unit.ID, officer, office, chair, company, answer, t)
		}
		return err
	})
	if !good {
		s.after(2, func() error { return c.confirm(company, ref, false, t) })
		s.after(3, func() error { return c.Feedback.Answer(c.ctx, officer, ref, answer, c.key()) })
	}
	s.after(2, func() error { return c.confirm(company, ref, good || c.chance(0.6), t) })
	return s.err
}

// overdue is the rest of the story of an issue that went to the leading group.
func (c *county) overdue(s *story, ref string, unit org.UnitID, officer, office, chair, company org.Actor, answer feedback.Answer, t trouble) error {
	rest := &story{c: c, at: s.at, until: s.until}
	rest.after(2, func() error { return c.order(chair, ref, unit) })
	rest.after(1, func() error { return c.Feedback.ReceiveOrder(c.ctx, officer, ref, c.key()) })
	rest.after(4, func() error { return c.Feedback.Report(c.ctx, officer, ref, answer, c.key()) })
	rest.after(1, func() error { return c.Feedback.FeedBack(c.ctx, office, ref, t.answer, "phone", c.key()) })
	rest.after(2, func() error { return c.confirm(company, ref, true, t) })
	return rest.err
}

func (c *county) order(chair org.Actor, ref string, unit org.UnitID, with ...org.UnitID) error {
	_, err := c.Feedback.IssueOrder(c.ctx, chair, ref, feedback.OrderDraft{Lead: unit, Cooperating: with, Requirement: "请牵头单位一把手亲自负责，限期办结，并将结果当面答复企业。", Days: 10}, c.key())
	return err
}

func (c *county) confirm(company org.Actor, ref string, yes bool, t trouble) error {
	v := feedback.Verdict{Reason: t.refuse}
	if yes {
		v = feedback.Verdict{Accept: true, Verdict: "solved", Satisfied: pick(c, []string{"vs", "s", "s", "b"})}
	}
	err := c.Feedback.Confirm(c.ctx, company, ref, v, c.key())
	if f := fault.Of(err); f != nil && f.Kind == fault.Conflict {
		return nil // the story took another turn
	}
	return err
}

// result compiles, checks, approves and publishes a year.
func (c *county) result(year int) error {
	office := c.people["gov-office-1"]
	c.clock.set(day(year, 12, 30), 9, 0)
	for i, u := range c.units {
		e := evaluation.TaskEntry{Unit: u.ID, Due: 8 + i%5, Evidence: "年度任务台账（演示）"}
		e.Done = max(0, e.Due-c.rnd.IntN(4))
		if i%3 == 0 {
			e.Target, e.Arrived = fmt.Sprintf("%d.00", 800+100*(i%9)), fmt.Sprintf("%d.50", 600+100*c.rnd.IntN(10))
		}
		if err := c.Evaluation.SaveTasks(c.ctx, office, year, e); err != nil {
			return err
		}
	}
	for i, rule := range []string{"B3", "B3", "B3", "B3", "B3", "D2", "D4", "D7", "B3", "D2", "V1"} {
		u := c.units[(i*7)%len(c.units)]
		e := evaluation.AdjustmentEntry{Unit: u.ID, Rule: rule, On: string(day(year, 3+i%9, 12)), Evidence: "会议纪要和核实材料（演示）", Company: c.companies[i].actor.Company}
		if err := c.Evaluation.AddAdjustment(c.ctx, office, year, e, c.key()); err != nil {
			return err
		}
	}
	c.clock.set(day(year+1, 1, 9), 9, 0)
	id, err := c.Evaluation.Compute(c.ctx, office, year, c.key())
	if err != nil {
		return err
	}
	c.clock.set(day(year+1, 1, 12), 9, 0)
	if err := c.Evaluation.Check(c.ctx, c.people["supervision-1"], id); err != nil {
		return err
	}
	if err := c.Evaluation.Sign(c.ctx, c.people["party-office-1"], id); err != nil {
		return err
	}
	c.clock.set(day(year+1, 1, 15), 15, 0)
	if err := c.Evaluation.Approve(c.ctx, c.people["leader-chair"], id); err != nil {
		return err
	}
	c.clock.set(day(year+1, 1, 18), 9, 0)
	if err := c.Evaluation.Publish(c.ctx, office, id); err != nil {
		return err
	}
	return c.appeal(year)
}

// appeal lets a unit appeal against a deduction; the supervision office rejects it.
func (c *county) appeal(year int) error {
	unit := c.units[(5*7)%len(c.units)] // the first that has buck-passing upheld against it
	c.clock.set(day(year+1, 1, 19), 10, 0)
	r, err := c.Evaluation.Published(c.ctx, year)
	if err != nil {
		return err
	}
	subjects, err := c.Evaluation.AppealSubjects(c.ctx, c.officers[unit.ID], r)
	if err != nil || len(subjects) == 0 || subjects[0].Kind != evaluation.AppealDeduction {
		return err
	}
	d := evaluation.AppealDraft{Subject: subjects[0].Key, Grounds: "该事项涉及两个部门，我局已在第二个工作日提出会商意见，并非推诿，请予核实。（演示）"}
	id, err := c.Evaluation.FileAppeal(c.ctx, c.officers[unit.ID], year, d, c.key())
	if err != nil {
		return err
	}
	c.clock.set(day(year+1, 1, 26), 15, 0)
	return c.Evaluation.DecideAppeal(c.ctx, c.people["supervision-1"], id, evaluation.AppealRejected, "经核查会议纪要，该单位两次退回同一问题，原认定依据充分，维持扣分。（演示）")
}
