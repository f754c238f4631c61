package evaluation

import (
	"fmt"
	"math"
	"testing"

	"pingyi/org"
)

// wantCorrelation was computed from the definition by a few lines of Python.
const wantCorrelation = -0.4707565417620042

// Means, correlation and outliers of eight units.
func TestFactPanel(t *testing.T) {
	s := NJDefault()
	opinion := []string{"90", "85", "80", "75", "70", "65", "95", "60"}
	done := []int{9, 8, 8, 7, 7, 6, 1, 10} // of ten tasks: the seventh is liked, the eighth disliked
	snap := &Snapshot{Scheme: s}
	for i := range opinion {
		snap.Units = append(snap.Units, SnapshotUnit{Unit: org.UnitID(i + 1), Code: fmt.Sprintf("D%02d", i+1), Class: 1,
			Facts: Facts{Appraisal: []CampaignFacts{given("year_end", opinion[i])}, Tasks: TaskFigures{Due: 10, Done: done[i]}, Sheets: SheetFacts{Due: 2, Returned: 1}}})
	}
	snap.Units = append(snap.Units, SnapshotUnit{Unit: 9, Code: "D09", Class: 1, Facts: Facts{Tasks: TaskFigures{Due: 1, Done: 1}}}) // no opinion of it
	all := snap.FactPanel()
	if len(all) != 1 || len(all[0].Points) != 8 || !all[0].Known {
		t.Fatalf("%+v", all)
	}
	c := all[0]
	if c.Opinion != 77.5 || c.Fact != 70 || math.Abs(c.Correlation-wantCorrelation) > 1e-12 {
		t.Errorf("means %v %v, correlation %v; want 77.5, 70, %v", c.Opinion, c.Fact, c.Correlation, wantCorrelation)
	}
	out := map[string]string{}
	for _, p := range c.Points {
		if p.Outlier != "" {
			out[p.Code] = p.Outlier
		}
		if len(p.Rates) != 1 {
			t.Errorf("%s: %v; two visits are too few to tell", p.Code, p.Rates)
		}
	}
	if len(out) != 2 || out["D07"] != OutLiked || out["D08"] != OutDisliked {
		t.Errorf("outliers %v, want D07 liked and D08 disliked", out)
	}
	if mine := only(all, 7); len(mine) != 1 || len(mine[0].Points) != 1 || mine[0].Correlation != c.Correlation {
		t.Errorf("a unit's own: %+v", mine)
	}
	if few := (&Snapshot{Scheme: s, Units: snap.Units[:4]}).FactPanel(); few[0].Known || few[0].Points[0].Outlier != "" {
		t.Error("four units have a correlation")
	}
}
