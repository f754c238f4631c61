package demo

import (
	"fmt"
	"time"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/feedback/passing"
	"pingyi/org"
)

// putRight is what became of a dissatisfied sheet: the offices saw to it, and an office called
// the company back; each step on its day or, when that is still to come, not yet.
func (c *county) putRight(visit feedback.VisitID, from, until calendar.Date) error {
	office := c.people["gov-office-1"]
	var ref string
	s := &story{c: c, at: from, until: until}
	s.after(6, func() error {
		r, _, err := c.Feedback.RectificationOf(c.ctx, office, visit)
		if ref = r.Ref; err != nil {
			return err
		}
		return c.Feedback.OwnMeasures(c.ctx, office, ref, "两办已协调相关窗口补办，并督促改进。", c.key())
	})
	s.after(3, func() error {
		return c.Feedback.RectifyCalled(c.ctx, office, ref, feedback.RectifyCall{On: string(s.at), Person: "企业联系人", Verdict: pick(c, feedback.RectifyVerdicts[:2]), Text: "您反映的事项已经协调办理，感谢您的意见。"}, c.key())
	})
	return s.err
}

// rated lets a unit visit a company and the company rate the visit the next day.
func (c *county) rated(unit org.UnitID, company org.Actor, on calendar.Date, sh feedback.Sheet) (feedback.VisitID, error) {
	c.clock.set(on, 15, 0)
	id, err := c.Feedback.RecordVisit(c.ctx, c.officers[unit], feedback.VisitRecord{Company: company.Company, On: string(on), Staff: c.person(c.n % 90), Purpose: "了解生产经营情况"}, c.key())
	if err != nil {
		return 0, err
	}
	c.clock.set(on.AddDays(1), 9, 30)
	sh.Lang = company.Lang
	_, err = c.Feedback.FileSheet(c.ctx, company, id, "", sh, c.key())
	return id, err
}

func (c *county) dissatisfied(named bool) feedback.Sheet {
	return feedback.Sheet{Area: "advice", Answers: map[string]string{"q1": "b", "q2": "d", "q3": "b", "q4": "d"}, Demand: "no", Solved: "no", Release: "summary", Named: named, Opinion: "来访时答应一周内回话，到现在没有消息。"}
}

// rectified shows rectifications at their stations and a general notice.
func (c *county) rectified(today calendar.Date) error {
	if err := c.generalNotice(today); err != nil {
		return fmt.Errorf("general notice: %w", err)
	}
	for _, x := range []struct {
		unit    string
		company int
		days    int
		rounds  int // call-backs that said no
		reports bool
	}{{"D01", 0, 9, 0, false}, {"D01", 1, 12, 0, true}, {"D05", 0, 26, 2, true}} {
		if err := c.byName(c.byCode[x.unit].ID, c.companies[x.company].actor, today.AddDays(-x.days), x.rounds, x.reports); err != nil {
			return fmt.Errorf("rectification of %s: %w", x.unit, err)
		}
	}
	return c.falsely(today)
}

// falsely lets the supervision office ask a unit about a visit it recorded.
func (c *county) falsely(today calendar.Date) error {
	unit, company, on := c.byCode["D02"].ID, c.companies[30].actor, today.AddDays(-6)
	if _, err := c.rated(unit, company, on, feedback.Sheet{Overall: "vs"}); err != nil {
		return err
	}
	c.clock.set(today.AddDays(-1), 9, 0)
	_, err := c.Passing.OpenFalse(c.ctx, c.people["supervision-1"], passing.FalseDraft{Kind: "visit", Unit: unit, Company: company.Company, On: string(on),
		Evidence: "门卫登记簿当日没有该单位人员进厂记录，请说明走访的时间、地点和接待人。"}, c.key())
	return err
}

// byName takes a rectification that the unit may know of through its rounds.
func (c *county) byName(unit org.UnitID, company org.Actor, on calendar.Date, rounds int, reports bool) error {
	id, err := c.rated(unit, company, on, c.dissatisfied(true))
	if err != nil {
		return err
	}
	office := c.people["party-office-1"]
	r, _, err := c.Feedback.RectificationOf(c.ctx, office, id)
	if err != nil {
		return err
	}
	c.clock.set(on.AddDays(2), 10, 0)
	if err := c.Feedback.AnswerRectification(c.ctx, office, r.Ref, "已交该单位整改，十五个工作日内办结并回访。", c.key()); err != nil {
		return err
	}
	if err := c.Feedback.HandToUnit(c.ctx, office, r.Ref, c.key()); err != nil {
		return err
	}
	day := on.AddDays(5)
	for n := 0; reports && n <= rounds && (n < rounds || rounds == 0); n++ {
		c.clock.set(day, 11, 0)
		if err := c.Feedback.ReportRectification(c.ctx, c.officers[unit], r.Ref, "已派专人上门说明进度，手续本周内办结。", c.key()); err != nil {
			return err
		}
		if rounds == 0 {
			return nil
		}
		call := feedback.RectifyCall{On: string(day), Person: "企业联系人", Verdict: "not", Text: "已知悉您仍不满意，继续督促办理。"}
		if err := c.Feedback.RectifyCalled(c.ctx, office, r.Ref, call, c.key()); err != nil {
			return err
		}
		day = day.AddDays(5)
	}
	return nil
}

// generalNotice lets five companies rate visits of the first unit in the month before, two of
// them dissatisfied and not to be known; the notice goes on the first working day of this month.
func (c *county) generalNotice(today calendar.Date) error {
	month := calendar.DateOf(time.Date(today.Time().Year(), today.Time().Month(), 1, 0, 0, 0, 0, calendar.Shanghai))
	good := feedback.Sheet{Area: "advice", Answers: map[string]string{"q1": "s", "q2": "s", "q3": "vs", "q4": "s"}, Demand: "no", Solved: "yes", Release: "no"}
	for i := range feedback.LeastSheets {
		sh := good
		if i < 2 {
			sh = c.dissatisfied(false)
			sh.Release = "no"
		}
		if _, err := c.rated(c.byCode["D01"].ID, c.companies[20+i].actor, month.AddDays(-20+2*i), sh); err != nil {
			return err
		}
	}
	cal, err := c.Calendar.Current(c.ctx)
	if err != nil {
		return err
	}
	if first := cal.Next(month); first <= today {
		c.clock.set(first, 9, 0)
		_, err = c.Feedback.RemindSheets(c.ctx)
	}
	return err
}
