package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/feedback/intake"
)

// suggest fills the suggestion box: adopted, partly, not, and two that wait.
func (c *county) suggest(today calendar.Date) error {
	texts := []struct{ title, body, lang, code, reply, reason string }{
		{"设立俄语办事引导员（演示）", "建议在办事大厅设一名俄语引导员，每周固定两天，方便俄罗斯客商办事（演示）。", "zh-CN", "", "adopted", "已采纳：自下月起每周二、周四安排俄语引导员（演示）。"},
		{"Единый список требований к документам（演示）", "Предлагаем опубликовать единый перечень документов на русском языке (демо).", "ru", "D01", "partly", "部分采纳：先公布常用十项的俄文清单，其余待翻译（演示）。"},
		{"园区夜间公交延长（演示）", "建议园区公交末班车延长到晚上十点，方便倒班职工（演示）。", "zh-CN", "", "not", "暂不采纳：目前夜间客流不足，拟半年后再评估（演示）。"},
		{"检查计划提前公布（演示）", "建议各单位每季度提前公布对企业的检查计划，企业好安排人员陪同（演示）。", "zh-CN", "D25", "", ""},
		{"冬季供暖保障热线（演示）", "建议供暖期开通企业专线，夜间也有人接听（演示）。", "zh-CN", "", "", ""},
	}
	office := c.people["gov-office-1"]
	for i, x := range texts {
		c.clock.set(today.AddDays(-20+i*3), 10, 0)
		d := intake.SuggestionDraft{Title: x.title, Body: x.body, Lang: x.lang, Named: i%2 == 0}
		by := office
		if x.code != "" {
			d.Unit = c.byCode[x.code].ID
			by = c.officers[d.Unit]
		}
		ref, err := c.Intake.Suggest(c.ctx, c.companies[i].actor, d, c.key())
		if err != nil {
			return fmt.Errorf("suggestion: %w", err)
		}
		if x.reply == "" {
			continue
		}
		c.clock.set(today.AddDays(-18+i*3), 15, 0)
		if err := c.Intake.Reply(c.ctx, by, ref, x.reply, x.reason); err != nil {
			return fmt.Errorf("reply: %w", err)
		}
	}
	return nil
}
