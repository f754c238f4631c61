package server

import (
	"strconv"
	"strings"
	"testing"

	"pingyi/calendar"
	"pingyi/feedback"
)

// countyYears: S-07: on any day the overview's figures are those of the ledger and of
// the tables of issues and visits, read on their own.
func (p *portal) countyYears(t *testing.T) {
	office := p.as("gov-office-1")
	for _, day := range []calendar.Date{"2025-06-30", "2025-12-31", "2026-03-31", "2026-11-23", "2007-12-31"} {
		year := day.Year()
		c, err := p.Overview.County(t.Context(), office.actor, year, day)
		if err != nil {
			t.Fatal(err)
		}
		from, end := calendar.Date(string(day)[:4]+"-01-01"), day.End()
		for what, pair := range map[string][2]string{
			"arrived":  {c.Funds.Arrived().String(), p.one(`SELECT coalesce(sum(a.amount), 0)::numeric(16,2) FROM arrivals a JOIN contracts c ON c.id = a.contract_id WHERE a.struck_at IS NULL AND c.kind = 'contract' AND c.purpose = 'investment' AND c.currency = 'CNY' AND a.arrived_on BETWEEN $1 AND $2`, from, day)},
			"by area":  {c.Sum.All.Arrived.String(), c.Funds.Arrived().String()},
			"signed":   {strconv.Itoa(c.Sum.All.Contracts), p.one(`SELECT count(*) FROM contracts WHERE purpose = 'investment' AND currency = 'CNY' AND signed_on BETWEEN $1 AND $2`, from, day)},
			"raised":   {strconv.Itoa(raisedIn(c.Work.Months)), p.one(`SELECT count(*) FROM issues WHERE raised_at >= $1 AND raised_at < $2`, from.Time(), end)},
			"closed":   {strconv.Itoa(c.Work.Closed), p.one(`SELECT count(*) FROM issues WHERE closed_at >= $1 AND closed_at < $2`, from.Time(), end)},
			"open":     {strconv.Itoa(c.Work.Open), p.one(`SELECT count(*) FROM issues WHERE raised_at < $1 AND (closed_at IS NULL OR closed_at >= $1) AND state NOT IN ('withdrawn', 'merged', 'declined')`, end)},
			"sheets":   {strconv.Itoa(sheetsIn(c.Work.Quarters)), p.one(`SELECT count(*) FROM sheets s JOIN visits v ON v.id = s.visit_id WHERE v.year = $1 AND s.filed_at < $2`, year, end)},
			"quarters": {strconv.Itoa(len(c.Work.Quarters)), strconv.Itoa(day.Quarter())},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s, %s: the overview says %s, the tables %s", day, what, pair[0], pair[1])
			}
		}
		if year == 2025 && (len(c.Index) != 1 || c.Index[0].Companies == 0 || c.Index[0].Low >= c.Index[0].Mean || c.Index[0].High <= c.Index[0].Mean) {
			t.Errorf("S-43: the index %+v: want one with a range and a number of companies", c.Index)
		}
	}
	page := office.get("/o/county/2026").body
	for _, want := range []string{"32,000.00", "<svg", "投资者满意度指数", "95% 区间"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the county's year lacks %q", want)
		}
	}
}

func raisedIn(months []feedback.MonthCount) (n int) {
	for _, m := range months {
		n += m.Opened
	}
	return n
}

func sheetsIn(quarters []feedback.QuarterCount) (n int) {
	for _, q := range quarters {
		n += q.Sheets
	}
	return n
}
