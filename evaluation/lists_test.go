package evaluation

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// TestListingsSayWhatTheListsDo: a unit has no obstacle exactly when the ranking puts it
// on the list, for every list of random counties; every unit left out has a reason.
func TestListingsSayWhatTheListsDo(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	s := NJDefault()
	listed, out := map[string]int{}, map[string]int{}
	for k := range 60 {
		county := randomCounty(r, s, 12)
		for _, u := range county {
			if k%2 == 0 && len(u.Facts.Appraisal) > 0 { // random answers are rarely good ones
				u.Facts.Appraisal = []CampaignFacts{given("year_end", strconv.Itoa(75+r.IntN(25)))}
				u.Facts.Issues, u.Facts.Sheets, u.Facts.Tasks = IssueFacts{}, SheetFacts{}, TaskFigures{}
			}
		}
		county[0].Facts.Appraisal, county[1].Facts.Entries = nil, entries("V1")
		all := s.Rank(1, county)
		for _, l := range s.Lists {
			for i, x := range s.listings(l, all) {
				on := slices.Contains(all[i].Lists, l.Code)
				if on != (len(x.Against) == 0) || x.Unit != all[i].Unit {
					t.Fatalf("list %s, unit %d: listed %t, obstacles %+v", l.Code, x.Unit, on, x.Against)
				}
				if on && !x.Within {
					t.Fatalf("list %s, unit %d stands on it out of reach", l.Code, x.Unit)
				}
				if on {
					listed[l.Code]++
				}
				for _, o := range x.Against {
					out[o.Kind]++
				}
			}
		}
	}
	for _, kind := range []string{NoSample, HasVeto, OutOfReach, OtherGrade, HasCase, OtherTier} {
		if out[kind] == 0 {
			t.Errorf("obstacle %s never happened: %v", kind, out)
		}
	}
	if listed["advanced"] == 0 || listed["interview"] == 0 {
		t.Errorf("lists that stayed empty: %v", listed)
	}
}
