package demo

import (
	"fmt"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/org"
)

// policies fills the library: one in two versions, one to come, one that has ended.
func (c *county) policies(today calendar.Date) error {
	year := today.Year()
	day := func(y int, rest string) string { return fmt.Sprintf("%d-%s", y, rest) }
	all := []struct {
		code string
		care.PolicyDraft
	}{
		{"D01", care.PolicyDraft{Clause: fmt.Sprintf("嫩政发〔%d〕3号第八条（演示）", year), From: day(year, "01-01"), Until: day(year+2, "12-31"),
			Title:   org.Names{ZH: "新投产企业厂房装修补贴（演示）", EN: "Subsidy for fitting out plant (demo)", RU: "Субсидия на отделку цехов (демо)"},
			Summary: org.Names{ZH: "新投产的外来投资企业，按厂房装修支出的 20% 给予补贴，最高 30 万元，投产后三个月内拨付（演示）。", EN: "Companies from outside that begin production get 20% of what fitting out the plant cost, at most 300,000 yuan, within three months (demo).", RU: "Внешним инвесторам, начавшим производство, возмещают 20% затрат на отделку цехов, не более 300 000 юаней, в течение трёх месяцев (демо)."},
			Text:    org.Names{ZH: "第八条 对新投产的外来投资企业，凭发票和竣工验收单，按厂房装修支出的百分之二十给予补贴，最高不超过三十万元，投产后三个月内拨付（演示）。", EN: "Article 8. A company from outside the county that begins production receives, on invoices and the acceptance report, twenty percent of its expenses for fitting out the plant, at most 300,000 yuan, within three months of beginning production (demo)."}}},
		{"D25", care.PolicyDraft{Clause: fmt.Sprintf("嫩政办发〔%d〕11号第三条（演示）", year), From: day(year, "03-01"),
			Title:   org.Names{ZH: "前三年城镇土地使用税减半（演示）", EN: "Land-use tax halved for three years (demo)", RU: "Налог на землю вдвое меньше три года (демо)"},
			Summary: org.Names{ZH: "外来投资的工业项目，投产后前三年按规定减半征收城镇土地使用税（演示）。", EN: "Industrial projects of outside investors pay half of the urban land-use tax in the first three years of production (demo).", RU: "Промышленные проекты внешних инвесторов первые три года производства платят половину налога на городские земли (демо)."},
			Text:    org.Names{ZH: "第三条 外来投资工业项目自投产之日起三年内，依法申请减半征收城镇土地使用税（演示）。"}}},
		{"D21", care.PolicyDraft{Clause: fmt.Sprintf("嫩政发〔%d〕15号第二条（演示）", year), From: day(year+1, "01-01"),
			Title:   org.Names{ZH: "跨境电商物流补助（演示）", EN: "Logistics support for online exports (demo)", RU: "Поддержка логистики онлайн-экспорта (демо)"},
			Summary: org.Names{ZH: "对俄跨境电商企业的国际物流费用，按 10% 补助（演示）。", EN: "Online exporters to Russia get 10% of their freight back (demo).", RU: "Онлайн-экспортёрам в Россию возмещают 10% стоимости перевозки (демо)."},
			Text:    org.Names{ZH: "第二条 对俄跨境电商企业，按国际物流费用的百分之十给予补助（演示）。"}}},
		{"D01", care.PolicyDraft{Clause: fmt.Sprintf("嫩政发〔%d〕6号第五条（演示）", year-3), From: day(year-3, "01-01"), Until: day(year-1, "12-31"),
			Title:   org.Names{ZH: "用工培训补贴（演示）", EN: "Subsidy for training workers (demo)", RU: "Субсидия на обучение работников (демо)"},
			Summary: org.Names{ZH: "企业培训新招用职工，每人补贴 600 元（演示）。", EN: "600 yuan for each newly hired worker who is trained (demo).", RU: "600 юаней за обучение каждого нового работника (демо)."},
			Text:    org.Names{ZH: "第五条 企业对新招用职工开展岗前培训的，每人补贴六百元（演示）。"}}},
	}
	office := c.people["gov-office-1"]
	for i, x := range all {
		c.clock.set(today.AddDays(-200+i), 10, 0)
		x.Unit = c.byCode[x.code].ID
		ref, err := c.Policies.Save(c.ctx, office, "", x.PolicyDraft, c.key())
		if err != nil {
			return fmt.Errorf("policy: %w", err)
		}
		if i > 0 {
			continue
		}
		c.policy = ref
		c.clock.set(today.AddDays(-90), 10, 0)
		x.Seen, x.Note = 1, "拨付时限由六个月改为三个月（演示）"
		if _, err := c.Policies.Save(c.ctx, office, ref, x.PolicyDraft, c.key()); err != nil {
			return fmt.Errorf("policy: %w", err)
		}
	}
	return nil
}
