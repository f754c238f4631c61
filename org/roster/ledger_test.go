package roster_test

import (
	"testing"
	"time"

	"pingyi/ledger"
	"pingyi/org/roster"
	"pingyi/postgres/pgtest"
)

// sampleFiles are the report of 2007 as two sheets, in Chinese as a county keeps them.
func sampleFiles(t *testing.T, amountOfFirst string) (contracts, arrivals []byte) {
	t.Helper()
	c := [][]any{{"编号", "性质", "用途", "项目名称", "投资者", "区域", "台账类别", "金额（万元）", "币种", "协议日期", "签约日期", "项目来源"}}
	a := [][]any{{"编号", "凭证号", "款项", "到位日期", "金额（万元）"}}
	kinds, purposes := map[string]string{"contract": "合同", "agreement": "协议"}, map[string]string{"investment": "投资", "trade": "贸易"}
	areas, classes := map[string]string{"county": "县内", "jiusan": "九三局"}, map[string]string{"industry": "工业", "infrastructure": "城市基础设施", "other": "其它"}
	currencies := map[string]string{"CNY": "人民币", "USD": "美元"}
	for i, r := range ledger.Sample() {
		amount := r.Amount
		if i == 0 && amountOfFirst != "" {
			amount = amountOfFirst
		}
		c = append(c, []any{r.No, kinds[r.Kind], purposes[r.Purpose], r.Title, r.Investor, areas[r.Area], classes[r.Class], amount, currencies[r.Currency], r.Agreed, r.Signed, r.Source})
		if r.Arrived > 0 {
			a = append(a, []any{r.No, "PZ-" + r.No, "合同资金", "2007/12/20", r.Arrived.String()})
		}
	}
	return workbook(t, c, nil), workbook(t, a, nil)
}

// TestLedgerComesInFromASheet: the report's workbook comes in through a dry run and adds
// up to the cent; the same file again changes nothing; a figure finer than the ledger's
// is refused at its place.
func TestLedgerComesInFromASheet(t *testing.T) {
	db := pgtest.Open(t)
	now := func() time.Time { return time.Date(2008, 1, 20, 2, 0, 0, 0, time.UTC) }
	s, book := roster.NewStore(db, now), ledger.NewStore(db, now)
	contracts, arrivals := sampleFiles(t, "")
	for _, f := range []struct {
		kind roster.Kind
		file []byte
		rows int
	}{{roster.Contracts, contracts, 49}, {roster.Arrivals, arrivals, 46}} {
		rows, err := roster.Read(f.kind, f.file, words(t))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Check(t.Context(), operator, f.kind, rows, quiet)
		if err != nil || r.Count[roster.New] != f.rows {
			t.Fatalf("%s: %v %v; first defect %+v", f.kind, r.Count, err, r.Lines[0])
		}
		if _, err := s.Write(t.Context(), operator, f.kind, rows, r.Mark, quiet); err != nil {
			t.Fatal(err)
		}
		rows, _ = roster.Read(f.kind, f.file, words(t))
		if again, err := s.Check(t.Context(), operator, f.kind, rows, quiet); err != nil || again.Count[roster.Same] != f.rows {
			t.Errorf("%s again: %v %v", f.kind, again.Count, err)
		}
	}
	reader := operator
	reader.Role = "campaign_admin"
	sum, err := book.Summary(t.Context(), reader, ledger.Period{To: "2007-12-31"})
	if err != nil || sum.All.Contracts != 46 || sum.All.Arrived.String() != "60476.04" || sum.All.Amount.String() != "125746.04" {
		t.Errorf("%+v %v", sum.All, err)
	}
	planted, _ := sampleFiles(t, "120.001")
	rows, err := roster.Read(roster.Contracts, planted, words(t))
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Check(t.Context(), operator, roster.Contracts, rows, quiet)
	if err != nil || r.Count[roster.Bad] != 1 || r.Lines[0].Defects[0].Column != "amount" || r.Lines[0].Defects[0].Text.Key != "ledger.amount-wrong" {
		t.Errorf("a finer amount: %v %+v %v", r.Count, r.Lines[0], err)
	}
}
