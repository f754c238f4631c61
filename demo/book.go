package demo

import (
	"fmt"
	"math/rand/v2"

	"pingyi/calendar"
	"pingyi/ledger"
	"pingyi/org"
)

// bookUnits are the units that the year's task of funds is shared out to.
var bookUnits = []string{"D01", "D02", "D05", "D06", "D09", "D11", "T01", "T04"}

// book writes this year's task notice, contracts and arrivals up to today: invented,
// and marked as demonstration data.
func (c *county) book(today calendar.Date) error {
	by, office := c.people["clerk"], c.people["party-office-1"]
	rnd := rand.New(rand.NewPCG(uint64(c.size.Seed), 43))
	year := today.Year()
	const share = 4000 // 万元 a unit
	notice := ledger.NoticeDraft{No: fmt.Sprintf("演示发〔%d〕1号", year), Title: fmt.Sprintf("关于印发%d年招商引资任务的通知（演示数据）", year), On: string(day(year, 1, 1)), Target: fmt.Sprint(share * len(bookUnits))}
	if err := c.Ledger.SaveNotice(c.ctx, office, year, notice); err != nil {
		return fmt.Errorf("task notice: %w", err)
	}
	for i, code := range bookUnits {
		u := c.byCode[code]
		d := ledger.TaskDraft{Kind: ledger.TaskFunds, Title: "全年到位资金（演示数据）", Target: fmt.Sprint(share), Due: string(day(year, 12, 31)), Responsible: "演示负责人"}
		if err := c.Ledger.AddTask(c.ctx, office, year, u.ID, d, c.key()); err != nil {
			return fmt.Errorf("task of %s: %w", code, err)
		}
		for k := range 2 {
			if err := c.contractOf(rnd, by, code, 2*i+k+1, today); err != nil {
				return fmt.Errorf("contract %d of %s: %w", k, code, err)
			}
		}
	}
	return c.Ledger.Issue(c.ctx, office, year)
}

// contractOf writes the n-th contract of this year with contact unit code, and what
// arrived on it month by month.
func (c *county) contractOf(rnd *rand.Rand, by org.Actor, code string, n int, today calendar.Date) error {
	year := today.Year()
	class, area := []string{"industry", "infrastructure", "other"}[n%3], []string{"county", "county", "county", "jiusan"}[n%4]
	signed := day(year, 1+n%int(today.Time().In(calendar.Shanghai).Month()), 8+n)
	if signed > today {
		signed = today
	}
	amount := 1200 + 100*rnd.IntN(24)
	d := ledger.ContractDraft{No: fmt.Sprintf("YS-%d-%02d", year, n), Kind: ledger.Signed, Purpose: "investment", Title: fmt.Sprintf("招商项目 %d（演示）", n), Investor: fmt.Sprintf("演示投资者 %d-%02d", year, n),
		Area: area, Class: class, Amount: fmt.Sprint(amount), Currency: ledger.CNY, Signed: string(signed), Unit: code, Source: "演示数据"}
	id, err := c.Ledger.Enter(c.ctx, by, d)
	if err != nil {
		return err
	}
	for on, part := signed.AddDays(12), 1; on <= today && part <= 6; on, part = on.AddDays(30), part+1 {
		if on.Year() != year {
			break
		}
		a := ledger.ArrivalDraft{Kind: "contract", On: string(on), Amount: fmt.Sprintf("%d.%02d", amount/8+rnd.IntN(60), rnd.IntN(100)), Voucher: fmt.Sprintf("PZ-%d-%02d-%d", year, n, part), Verifier: "县财政局（演示）"}
		if err := c.Ledger.Arrive(c.ctx, by, id, a); err != nil {
			return err
		}
	}
	return nil
}
