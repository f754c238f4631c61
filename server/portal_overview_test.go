package server

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/job"
	"pingyi/yearfile"
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

// yearFolder: the year-end file holds every table of the year and the sealed snapshot, its
// checksums are right, and only the two offices get it.
func (p *portal) yearFolder(t *testing.T) {
	office := p.as("gov-office-1")
	params, err := json.Marshal(yearFileParams{Year: 2025, Lang: "zh-CN", By: office.actor.Account, Idem: "folder-1"})
	p.must(err)
	steps := 0
	for range 2 { // once more, as after a restart: the same file
		_, err = p.YearFileWork()(t.Context(), job.Job{Params: params}, func(string, int, int) { steps++ })
		p.must(err)
	}
	if n := p.one(`SELECT count(*) FROM year_files WHERE year = 2025`); n != "1" || steps < 30 {
		t.Fatalf("%s files in %d steps", n, steps)
	}
	path := "/o/yearfiles/2025/" + p.one(`SELECT id FROM year_files WHERE year = 2025`)
	for login, code := range map[string]int{"": 303, "c0001": 403, "d01": 403, "leader-chair": 403, "supervision-1": 403, "party-office-1": 200} {
		if a := p.as(login).get(path); a.code != code {
			t.Errorf("%q takes the file: %d, want %d", login, a.code, code)
		}
	}
	body := office.get(path).body
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	p.must(err)
	sums, found := "", map[string]bool{}
	for _, f := range z.File {
		r, err := f.Open()
		p.must(err)
		content, err := io.ReadAll(r)
		p.must(err)
		if f.Name == yearfile.Sums {
			if string(content) != sums {
				t.Errorf("the checksums are\n%s\nwant\n%s", content, sums)
			}
			continue
		}
		sums += fmt.Sprintf("%x  %s\n", sha256.Sum256(content), f.Name)
		found[f.Name[strings.Index(f.Name, " ")+1:]] = true
		if strings.HasSuffix(f.Name, "封存快照.json") && fmt.Sprintf("%x", sha256.Sum256(content)) != p.one(`SELECT encode(snapshot_hash, 'hex') FROM year_results WHERE year = 2025 AND state = 'published'`) {
			t.Error("the snapshot is not the sealed one")
		}
	}
	for _, want := range []string{"排名决定.docx", "评议结果.xlsx", "年度考核结果.xlsx", "表彰名单.docx", "全县概况.docx", "合同台账.xlsx", "到位资金.xlsx", "任务书.docx", "2025 年第一季度上门服务计划.xlsx"} {
		if !found[want] {
			t.Errorf("%s is not in the folder: %v", want, slices.Sorted(maps.Keys(found)))
		}
	}
}
