package server

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pingyi/evaluation"
	"pingyi/honour"
	"pingyi/locale"
	"pingyi/report"
)

// TestS46AssessmentTable: the columns stand in their fixed order, figures are numbers
// with four decimals, and every column has its definition.
func TestS46AssessmentTable(t *testing.T) {
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 18, 1, 0, 0, 0, time.UTC)
	k := honour.Assessment{Result: evaluation.YearResult{Year: 2025, Version: 2, Published: &at}, Scheme: evaluation.NJDefault()}
	k.Lines = []honour.AssessmentLine{{Of: 6, RankedLine: evaluation.RankedLine{Code: "D01", Class: 1, Status: evaluation.Ranked, Rank: 2, Total: evaluation.Decimal("81.916"), Grade: "good", Base: evaluation.Decimal("82.616"), Bonus: evaluation.Decimal("2.1"),
		Deduction: evaluation.Decimal("2.8"), Lists: []string{"advanced"}, Parts: []evaluation.PartScore{{Code: "A", Score: evaluation.Decimal("80.25")}}}}}
	for _, lang := range locale.Languages {
		table := assessmentTable(catalogue.In(lang), k)
		if len(table.Head) != len(table.Rows[0]) || len(table.Head) != len(assessmentColumns)+2 {
			t.Fatalf("%s: %d columns, %d cells", lang, len(table.Head), len(table.Rows[0]))
		}
		for i, want := range map[int]report.Number{0: "2025", 5: "2", 6: "6", 7: "81.9160", 9: "82.6160", 10: "2.1000", 11: "2.8000", 15: "80.2500"} {
			if table.Rows[0][i] != want {
				t.Errorf("%s, column %d: %v, want %v", lang, i, table.Rows[0][i], want)
			}
		}
		about := ""
		for _, line := range table.About {
			about += line[0] + "\n"
		}
		for i, h := range table.Head[:len(assessmentColumns)] {
			if !strings.Contains(about, h+"\n") {
				t.Errorf("%s: column %s has no definition", lang, strconv.Itoa(i)+" "+h)
			}
		}
	}
}
