package demo

import (
	"pingyi/calendar"
	"pingyi/honour"
)

// calledIn plans interviews with those on last year's lists: the first is held and its
// measures reported, the next waits for its day.
func (c *county) calledIn(year int, today calendar.Date) error {
	office := c.people["party-office-1"]
	if today < day(year+1, 3, 20) {
		return nil
	}
	k, err := c.Honour.Consequences(c.ctx, office, year)
	if err != nil {
		return err
	}
	plans := []honour.Plan{}
	for _, x := range k.Listed[:min(len(k.Listed), 1)] {
		plans = append(plans, honour.Plan{Unit: x.Unit, Basis: honour.ByRanking})
	}
	for _, x := range k.Penalties[:min(len(k.Penalties), 2)] {
		plans = append(plans, honour.Plan{Unit: x.Unit, Basis: honour.ByFinding})
	}
	for i, p := range plans {
		c.clock.set(day(year+1, 2, 10), 9+i, 0)
		p.On, p.Place, p.Holder = string(day(year+1, 3, 3+i)), "县政府第二会议室", "招商引资领导小组副组长（演示）"
		id, err := c.Honour.PlanInterview(c.ctx, office, year, p, c.key())
		if err != nil {
			return err
		}
		if i == 1 {
			continue
		}
		c.clock.set(day(year+1, 3, 3+i), 16, 0)
		talk := honour.Talk{On: p.On, Record: "单位主要负责人说明了原因，领导小组指出主动服务不够、答复不及时的问题。（演示）", Measures: "一个月内对积压事项逐件回访；实行首问负责；每周向两办报告进展。（演示）", Due: string(day(year+1, 4, 3))}
		if err := c.Honour.HoldInterview(c.ctx, office, id, talk, c.key()); err != nil {
			return err
		}
		c.clock.set(day(year+1, 3, 16), 10, 0)
		if err := c.Honour.StepInterview(c.ctx, c.officers[p.Unit], id, "report", "积压事项已逐件回访，九成办结，其余已与企业商定时间。（演示）", c.key()); err != nil {
			return err
		}
		if i == 0 {
			c.clock.set(day(year+1, 3, 18), 10, 0)
			if err := c.Honour.StepInterview(c.ctx, office, id, "close", "经抽查回访，企业满意，同意办结。（演示）", c.key()); err != nil {
				return err
			}
		}
	}
	return nil
}
