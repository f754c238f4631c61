package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/ledger"
	"pingyi/meeting"
	"pingyi/org"
)

// makeMeetings holds a few meetings of the year: the quarterly analysis of the quarter
// before, a coordination meeting, an open-dialogue meeting to come, bulletins.
func (c *county) makeMeetings(today calendar.Date) error {
	for _, step := range []func(calendar.Date) error{c.quarterly, c.coordination, c.dialogue, c.bulletin} {
		if err := step(today); err != nil {
			return fmt.Errorf("meetings: %w", err)
		}
	}
	return nil
}

// actorOf is a person with the post he has today.
func (c *county) actorOf(login string) (org.Actor, error) { return c.Org.ActorOf(c.ctx, login) }

// worked is the first working day n days from a day.
func (c *county) worked(day calendar.Date, n int) (string, error) {
	cal, err := c.Calendar.Current(c.ctx)
	if err != nil {
		return "", err
	}
	return string(cal.Next(day.AddDays(n))), nil
}

// quarterly was held for the last quarter that is over; one of its decisions is
// accepted, one reported, one runs.
func (c *county) quarterly(today calendar.Date) error {
	office, chair := c.people["party-office-1"], c.people["leader-chair"]
	end := meeting.QuarterStart(today.Year(), today.Quarter()).AddDays(-1)
	held := end.AddDays(9)
	if held > today {
		held = today
	}
	c.clock.set(end.AddDays(2), 9, 0)
	id, err := c.Meeting.Call(c.ctx, office, meeting.Draft{Kind: meeting.Quarterly, Title: fmt.Sprintf("%d年第%d季度招商引资分析会", end.Year(), end.Quarter()), Year: end.Year(), Quarter: end.Quarter(),
		Place: "县政府第一会议室", Convener: chair.Account, On: string(held), Units: []org.UnitID{c.byCode["D01"].ID, c.byCode["D06"].ID}}, c.key())
	if err != nil {
		return err
	}
	for _, t := range []string{"消防验收与规划核实互为前置，如何联合办理", "第三季度走访计划未完成的单位说明原因"} {
		if err := c.Meeting.AddItem(c.ctx, office, id, meeting.ItemDraft{Kind: "topic", Body: t}, c.key()); err != nil {
			return err
		}
	}
	if _, err := c.Meeting.MakePack(c.ctx, office, id, meeting.Sections, c.key(), func(string, int, int) {}); err != nil {
		return err
	}
	c.clock.set(held, 9, 30)
	if err := c.Meeting.Hold(c.ctx, office, id, string(held)); err != nil {
		return err
	}
	items, err := c.Meeting.Items(c.ctx, office, id)
	if err != nil {
		return err
	}
	for i, d := range []meeting.DecisionDraft{
		{Text: "制定联合验收办法，规划核实与消防验收同步受理", Lead: c.byCode["D06"].ID, Cooperating: []org.UnitID{c.byCode["D05"].ID}, Item: items[0].ID},
		{Text: "梳理企业反映的补正要求，一次性告知清单上网", Lead: c.byCode["D01"].ID},
		{Text: "补齐第三季度未完成的走访，并向两办报告", Lead: c.byCode["D03"].ID, Item: items[1].ID}} {
		if d.Due, err = c.worked(today, 10*i+5); err != nil {
			return err
		}
		if err := c.Meeting.Decide(c.ctx, office, id, d, c.key()); err != nil {
			return err
		}
	}
	if err := c.Meeting.IssueMinutes(c.ctx, office, id, "会议听取了上季度情况的通报，研究了企业反映集中的问题，议定以下事项。（演示）"); err != nil {
		return err
	}
	return c.followed(id)
}

// followed brings the first decisions of a meeting some way on.
func (c *county) followed(id meeting.ID) error {
	chair, err := c.actorOf("leader-chair")
	if err != nil {
		return err
	}
	all, err := c.Meeting.Decisions(c.ctx, chair, id)
	if err != nil {
		return err
	}
	for i, login := range []string{"d06", "d01"} {
		unit, err := c.actorOf(login)
		if err != nil {
			return err
		}
		if err := c.Meeting.ReportDone(c.ctx, unit, all[i].ID, "办法已经会签印发，首批三个项目已按新办法办理，企业没有再往返。（演示）", c.key()); err != nil {
			return err
		}
	}
	return c.Meeting.Accept(c.ctx, chair, all[0].ID, c.key())
}

// coordination is called for the first key project.
func (c *county) coordination(today calendar.Date) error {
	office, deputy := c.people["gov-office-1"], c.people["leader-deputy-1"]
	c.clock.set(today.AddDays(-3), 10, 0)
	list, _, err := c.Projects.List(c.ctx, office, ledger.ProjectFilter{KeyOnly: true, Page: 1, Size: 1})
	if err != nil {
		return err
	}
	on, err := c.worked(today, 4)
	if err != nil {
		return err
	}
	id, err := c.Meeting.Call(c.ctx, office, meeting.Draft{Kind: meeting.OnSite, Title: "蛋白页岩项目现场办公会（演示）", Project: list[0].ID, Place: "项目现场", Convener: deputy.Account, On: on,
		Units: []org.UnitID{c.byCode["D05"].ID, c.byCode["D07"].ID, c.byCode["D01"].ID}}, c.key())
	if err != nil {
		return err
	}
	return c.Meeting.AddItem(c.ctx, office, id, meeting.ItemDraft{Kind: "topic", Body: "进厂道路限行影响设备进场"}, c.key())
}

// dialogue is to come; a dozen companies are invited, the first of them answered. One
// was held before: a problem became an issue, a suggestion was adopted.
func (c *county) dialogue(today calendar.Date) error {
	office, chair := c.people["party-office-1"], c.people["leader-chair"]
	c.clock.set(today.AddDays(-40), 9, 0)
	id, err := c.Meeting.Call(c.ctx, office, meeting.Draft{Kind: meeting.Dialogue, Title: "外来投资企业恳谈会（演示）", Place: "商会会议室", Convener: chair.Account, On: string(today.AddDays(-30))}, c.key())
	if err != nil {
		return err
	}
	if err := c.Meeting.Invite(c.ctx, office, id, []org.CompanyID{c.companies[0].actor.Company, c.companies[20].actor.Company}); err != nil {
		return err
	}
	for _, d := range []meeting.ItemDraft{{Kind: "problem", Company: c.companies[20].actor.Company, Body: "冬季厂区外道路除雪不及时，货车进不了厂"},
		{Kind: "suggestion", Company: c.companies[0].actor.Company, Body: "建议恳谈会提前一周把议题发给企业"}} {
		if err := c.Meeting.AddItem(c.ctx, office, id, d, c.key()); err != nil {
			return err
		}
	}
	c.clock.set(today.AddDays(-30), 15, 0)
	if err := c.Meeting.Hold(c.ctx, office, id, string(today.AddDays(-30))); err != nil {
		return err
	}
	items, err := c.Meeting.Items(c.ctx, office, id)
	if err != nil {
		return err
	}
	if _, err := c.Meeting.RaiseIssue(c.ctx, office, id, items[0].ID, feedback.IssueDraft{Category: 9, Title: "厂区外道路除雪不及时", Body: "冬季厂区外道路除雪不及时，货车进不了厂，希望列入除雪计划并固定时间。", NameShown: "unit", Lang: "zh-CN"}); err != nil {
		return err
	}
	if err := c.Meeting.Reply(c.ctx, office, id, items[1].ID, "采纳。今后恳谈会的议题提前七天发给受邀企业。"); err != nil {
		return err
	}
	if err := c.Meeting.IssueMinutes(c.ctx, office, id, "会议听取了企业的意见和建议，问题已转为诉求办理。（演示）"); err != nil {
		return err
	}
	return c.nextDialogue(today)
}

func (c *county) nextDialogue(today calendar.Date) error {
	office := c.people["party-office-1"]
	c.clock.set(today.AddDays(-2), 9, 0)
	on, err := c.worked(today, 9)
	if err != nil {
		return err
	}
	id, err := c.Meeting.Call(c.ctx, office, meeting.Draft{Kind: meeting.Dialogue, Title: "对俄贸易企业恳谈会（演示）", Place: "县委会议中心", Convener: c.people["leader-chair"].Account, On: on}, c.key())
	if err != nil {
		return err
	}
	var ids []org.CompanyID
	for _, m := range c.companies[:12] {
		ids = append(ids, m.actor.Company)
	}
	if err := c.Meeting.Invite(c.ctx, office, id, ids); err != nil {
		return err
	}
	return c.Meeting.Answer(c.ctx, c.companies[1].actor, id, "yes", "总经理参加")
}

// bulletin: one published and corrected, one on the desk.
func (c *county) bulletin(today calendar.Date) error {
	office := c.people["gov-office-1"]
	chair, err := c.actorOf("leader-chair")
	if err != nil {
		return err
	}
	c.clock.set(today.AddDays(-1), 9, 0)
	end := meeting.QuarterStart(today.Year(), today.Quarter()).AddDays(-1)
	d := meeting.BulletinDraft{Title: fmt.Sprintf("%d年第%d季度企业诉求办理情况通报（演示）", end.Year(), end.Quarter()), Year: end.Year(), Quarter: end.Quarter(), Audience: "public",
		Body: "现将本季度企业诉求办理情况通报如下。\n各单位要对照通报查找不足，逾期事项于十日内办结。"}
	for range 2 {
		id, err := c.Meeting.DraftBulletin(c.ctx, office, d, c.key())
		if err != nil {
			return err
		}
		if err := c.Meeting.ApproveBulletin(c.ctx, chair, id, 1); err != nil {
			return err
		}
		if err := c.Meeting.PublishBulletin(c.ctx, office, id); err != nil {
			return err
		}
		d.Corrects, d.Body = id, "前一份通报正文有误，更正如下。\n各单位要对照通报查找不足，逾期事项于五个工作日内办结。"
	}
	_, err = c.Meeting.DraftBulletin(c.ctx, office, meeting.BulletinDraft{Title: "本季度招商引资工作进展通报（演示）", Year: today.Year(), Quarter: today.Quarter(), Audience: "units", Body: "本季度工作进展如下，供各单位掌握。"}, c.key())
	return err
}
