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

// promise fills the register: kept, reported, due, overdue for long, claimed.
func (c *county) promise(today calendar.Date) error {
	texts := []struct {
		text, kind, code string
		due              int // days from today
		to               string
	}{
		{"厂房装修补贴三十万元在投产后三个月内拨付（演示）", "subsidy", "D01", -120, "open"},
		{"项目用地红线外道路在年底前修通（演示）", "land", "D25", 30, "open"},
		{"前三年土地使用税按政策减半（演示）", "policy", "D01", -20, "reported"},
		{"两个工作日内协助办结营业执照变更（演示）", "date", "D21", -40, "fulfilled"},
		{"协调银行授信五百万元（演示）", "other", "D25", 60, "claimed"},
	}
	office := c.people["gov-office-1"]
	for i, x := range texts {
		c.clock.set(today.AddDays(-5+i), 9, 30)
		investor, unit := c.companies[i].actor, c.byCode[x.code].ID
		by := office
		if x.to == "claimed" {
			by = investor
		}
		d := intake.PromiseDraft{Company: investor.Company, Unit: unit, Kind: x.kind, Text: x.text, By: "招商组组长（演示）", On: string(today.AddDays(-240)), Due: string(today.AddDays(x.due)), Evidence: "投资协议第八条（演示）"}
		if x.kind == "policy" || x.kind == "subsidy" {
			d.Policy = c.policy
		}
		ref, err := c.Intake.Enter(c.ctx, by, d, c.key())
		if err != nil {
			return fmt.Errorf("promise: %w", err)
		}
		if x.to == "reported" || x.to == "fulfilled" {
			if err := c.Intake.Step(c.ctx, c.officers[unit], ref, "report", true, "已按协议兑现，凭证附后（演示）。"); err != nil {
				return fmt.Errorf("report: %w", err)
			}
		}
		if x.to == "fulfilled" {
			if err := c.Intake.Step(c.ctx, investor, ref, "confirm", true, ""); err != nil {
				return fmt.Errorf("confirm: %w", err)
			}
		}
	}
	return nil
}
