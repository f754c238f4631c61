package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/org"
)

// collective files issues of the chamber: one closed as its members said, one that
// waits for their answers, one on its way.
func (c *county) collective(today calendar.Date) error {
	found, _, err := c.Org.Companies(c.ctx, c.people["chamber-1"], org.CompanyFilter{Group: "G1", Page: 1, Size: 12})
	if err != nil {
		return err
	}
	of := map[org.CompanyID]org.Actor{}
	for _, m := range c.companies {
		of[m.actor.Company] = m.actor
	}
	var members []org.Actor
	for _, x := range found {
		members = append(members, of[x.ID])
	}
	for n, x := range []struct {
		title, body, code string
		days              int
		to                string
	}{
		{"园区道路除雪不及时（演示）", "入冬以来园区支路除雪不及时，多家企业货车出不了门，请明确由谁负责、多长时间清完（演示）。", "D06", 30, "closed"},
		{"用气价格上浮没有见到文件（演示）", "十月起几家企业的用气单价上浮两成，供气公司说是统一调价，没有见到文件，请核实并公布依据（演示）。", "D21", 12, "answered"},
		{"消防检查标准前后不一（演示）", "同样的仓库，两次检查提出的整改要求不一样，几家企业不知道该按哪个标准改（演示）。", "D25", 3, "signed"},
	} {
		if err := c.oneCollective(today, members[n*4:n*4+4], x.title, x.body, c.byCode[x.code].ID, x.days, x.to); err != nil {
			return fmt.Errorf("collective issue %d: %w", n, err)
		}
	}
	return nil
}

func (c *county) oneCollective(today calendar.Date, members []org.Actor, title, body string, unit org.UnitID, days int, to string) error {
	chamber, office := c.people["chamber-1"], c.people["gov-office-1"]
	day := func(after, hour int) { c.clock.set(today.AddDays(after-days), hour, 20) }
	d := feedback.CollectiveDraft{IssueDraft: feedback.IssueDraft{Category: 7, Title: title, Body: body, Lang: "zh-CN"}}
	for _, m := range members {
		d.Members = append(d.Members, m.Company)
	}
	day(0, 9)
	ref, err := c.Feedback.RaiseCollective(c.ctx, chamber, d, c.key())
	if err != nil {
		return err
	}
	if err := c.Feedback.Join(c.ctx, members[0], ref, true); err != nil {
		return err
	}
	day(0, 14)
	if err := c.Feedback.Register(c.ctx, office, ref, feedback.Registration{Grade: "B", Lead: unit}, c.key()); err != nil {
		return err
	}
	day(0, 16)
	if err := c.Feedback.Sign(c.ctx, c.officers[unit], ref, c.key()); err != nil || to == "signed" {
		return err
	}
	day(8, 10)
	a := feedback.Answer{Result: "solved", Text: "已核实有关情况，责任单位和时限已经明确，并向企业公开（演示）。"}
	if err := c.Feedback.Answer(c.ctx, c.officers[unit], ref, a, c.key()); err != nil {
		return err
	}
	for k, m := range members {
		if to == "answered" && k > 1 {
			break // the others have not answered yet
		}
		v := feedback.Vote{Verdict: []string{"solved", "partly", "solved", "solved"}[k], Satisfied: []string{"s", "b", "s", "vs"}[k]}
		if err := c.Feedback.AnswerPoll(c.ctx, m, ref, v); err != nil {
			return err
		}
	}
	if to == "answered" {
		return nil
	}
	day(9, 15)
	return c.Feedback.CloseCollective(c.ctx, chamber, ref, "", c.key())
}
