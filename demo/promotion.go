package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/promotion"
)

// promote writes the three events of the county's report of 2007 with their rows of the
// ledger, and an invented fair and a social event of this year.
func (c *county) promote(today calendar.Date) error {
	by := c.people["clerk"]
	for _, x := range promotion.Sample() {
		id, err := c.Promotion.Enter(c.ctx, by, x.ActivityDraft, c.key())
		if err != nil {
			return fmt.Errorf("activity %s: %w", x.Title, err)
		}
		for _, no := range x.Results {
			if err := c.Promotion.Link(c.ctx, by, id, no); err != nil {
				return fmt.Errorf("result %s of %s: %w", no, x.Title, err)
			}
		}
	}
	trip := promotion.ActivityDraft{Kind: "trip", Title: "赴南方招商（演示）", Place: "宁波、苏州", From: string(today.AddDays(-40)), Until: string(today.AddDays(-35)), Leaders: "县委副书记 周某\n县商务局局长 吴某", Carried: "大豆深加工园区二期（演示）"}
	id, err := c.Promotion.Enter(c.ctx, by, trip, c.key())
	if err != nil {
		return err
	}
	for i, code := range []string{"D11", "D02"} {
		unit := c.byCode[code].ID
		if err := c.Promotion.Join(c.ctx, by, id, unit); err != nil {
			return err
		}
		d := promotion.ContactDraft{Name: []string{"沈某", "陆某"}[i], From: []string{"宁波某食品集团（演示）", "苏州某设备公司（演示）"}[i], Follow: "寄送用地和用电价格材料，约定来县考察时间（演示）", Due: string(today.AddDays(-10 + 25*i)), Unit: unit}
		if err := c.Promotion.Meet(c.ctx, by, id, d, c.key()); err != nil {
			return err
		}
	}
	social := promotion.ActivityDraft{Kind: "social", Title: "外来投资者联谊会（演示）", Place: "县会议中心", From: string(today.AddDays(20)), Until: string(today.AddDays(20)), About: "介绍来年重点项目，听取意见。（演示）"}
	if id, err = c.Promotion.Enter(c.ctx, by, social, c.key()); err != nil {
		return err
	}
	for i := range 4 {
		guest := c.companies[i].actor
		x, err := c.Org.Company(c.ctx, by, guest.Company)
		if err != nil {
			return err
		}
		if err := c.Promotion.Invite(c.ctx, by, id, x.Licence); err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		if err := c.Promotion.Answer(c.ctx, guest, id, i < 3); err != nil {
			return err
		}
	}
	return c.prospect(today)
}

// prospect writes agents, liaison officers (one whose term is over), and leads of each source.
func (c *county) prospect(today calendar.Date) error {
	by := c.people["clerk"]
	agent := promotion.AgentDraft{Name: "宁波某投资顾问公司（演示）", Contact: "郑某 0574-8000001", Mandate: "委托引荐食品加工和设备制造企业（演示）", Territory: "浙江", From: string(today.AddDays(-200)), Until: string(today.AddDays(165))}
	if err := c.Promotion.Commission(c.ctx, by, agent, c.key()); err != nil {
		return err
	}
	for i, x := range []promotion.OfficerDraft{
		{Login: "d02-office", Kind: "commissioner", Territory: "珠三角", From: string(today.AddDays(-400)), Until: string(today.AddDays(-35))},
		{Login: "d11-office", Kind: "liaison", Territory: "长三角", Industry: "食品加工", From: string(today.AddDays(-100)), Until: string(today.AddDays(200))},
	} {
		if err := c.Promotion.Appoint(c.ctx, by, x, c.key()); err != nil {
			return fmt.Errorf("officer %d: %w", i, err)
		}
	}
	officer := c.officers[c.byCode["D11"].ID]
	if err := c.Promotion.Log(c.ctx, officer, string(today.AddDays(-3)), "走访三家食品企业，送交项目册。（演示）", c.key()); err != nil {
		return err
	}
	agents, err := c.Promotion.Agents(c.ctx, by)
	if err != nil {
		return err
	}
	for i, source := range promotion.Sources {
		who, d := by, promotion.LeadDraft{Investor: fmt.Sprintf("意向投资者%d（演示）", i+1), About: "有意建设加工厂，正在比较选址。（演示）", Source: source, On: string(today.AddDays(-30 + i))}
		switch i {
		case 1:
			d.Agent = agents[0].ID
		case 3:
			who = officer
		}
		id, err := c.Promotion.Lead(c.ctx, who, d, c.key())
		if err != nil {
			return fmt.Errorf("lead %d: %w", i, err)
		}
		if i == 0 {
			if err := c.Promotion.Succeed(c.ctx, by, id, "XN-Q-2007-02"); err != nil {
				return err
			}
		}
	}
	return nil
}
