package evaluation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pingyi/org"
)

// randomLines are lines of a random county: n for each group.
func randomAnswers(r *rand.Rand, s *Scheme, n int) []map[string]string {
	out := make([]map[string]string, n)
	for i := range out {
		out[i] = map[string]string{}
		for _, ind := range s.Indicators {
			if r.IntN(12) == 0 {
				out[i][ind.Code] = "na"
				continue
			}
			out[i][ind.Code] = s.Levels[min(len(s.Levels)-1, r.IntN(3)+r.IntN(3))].Code
		}
	}
	return out
}

// randomUnit is a unit with random facts of every kind.
func randomUnit(r *rand.Rand, s *Scheme) (*Facts, map[string][]map[string]string) {
	answers := map[string][]map[string]string{}
	for _, g := range s.Groups {
		answers[g.Code] = randomAnswers(r, s, r.IntN(30))
	}
	f := &Facts{Issues: IssueFacts{Ratings: map[string]int{}}}
	f.Appraisal = []CampaignFacts{{"year_end", s.reading(answers)}}
	f.Sheets.Due = r.IntN(10)
	f.Sheets.Returned = r.IntN(f.Sheets.Due + 1)
	for range r.IntN(5) {
		f.Sheets.Companies = append(f.Sheets.Companies, []SheetScore{{1 + r.IntN(4), Frac(int64(r.IntN(101)), 1)}})
	}
	f.Issues.All = r.IntN(8)
	f.Issues.Responded, f.Issues.Solved = r.IntN(f.Issues.All+1), r.IntN(f.Issues.All+1)
	for range r.IntN(f.Issues.All + 1) {
		f.Issues.Ratings[s.Levels[r.IntN(5)].Code]++
	}
	for range r.IntN(3) {
		f.Issues.Overdue = append(f.Issues.Overdue, 1+r.IntN(30))
	}
	f.Tasks.Due = r.IntN(6)
	f.Tasks.Done = r.IntN(f.Tasks.Due + 1)
	if r.IntN(2) == 0 {
		f.Tasks.Target, f.Tasks.Arrived = Decimal("1000"), Frac(int64(r.IntN(2000)), 1)
	}
	for _, rule := range []string{"B1", "B3", "D2", "D7"} {
		for range r.IntN(3) {
			f.Entries = append(f.Entries, Entry{Rule: rule, Company: 1 + r.IntN(3)})
		}
	}
	return f, answers
}

// reading reads answers by group with every measure, as the tally does.
func (s *Scheme) reading(answers map[string][]map[string]string) []MeasureFacts {
	l := &unitLines{answers, map[string][]int{}}
	for g, all := range answers {
		l.rater[g] = make([]int, len(all))
	}
	return s.measure(l, nil)
}

func randomCounty(r *rand.Rand, s *Scheme, n int) []UnitFacts {
	var out []UnitFacts
	for i := range n {
		f, _ := randomUnit(r, s)
		out = append(out, UnitFacts{org.UnitID(i + 1), f})
	}
	return out
}

func asText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestOrderOfInputChangesNothing: units, lines and entries in another order give the
// same bytes.
func TestOrderOfInputChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	s := NJDefault()
	for range 30 {
		county := randomCounty(r, s, 8)
		before := asText(t, s.Rank(1, county))
		r.Shuffle(len(county), func(i, j int) { county[i], county[j] = county[j], county[i] })
		for _, u := range county {
			r.Shuffle(len(u.Facts.Sheets.Companies), func(i, j int) {
				c := u.Facts.Sheets.Companies
				c[i], c[j] = c[j], c[i]
			})
		}
		if after := asText(t, s.Rank(1, county)); after != before {
			t.Fatal("another order gives another ranking")
		}
		_, answers := randomUnit(r, s)
		one := asText(t, s.reading(answers))
		for _, all := range answers {
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
		if two := asText(t, s.reading(answers)); one != two {
			t.Fatal("ballots in another order give another group result")
		}
	}
}

// TestScaledWeightsChangeNothing: ten times the weight of everything in a list is the
// same scheme.
func TestScaledWeightsChangeNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	s := NJDefault()
	scaled := s.Clone()
	for i := range scaled.Indicators {
		scaled.Indicators[i].Weight *= 10
	}
	for i := range scaled.Groups {
		scaled.Groups[i].Weight *= 10
	}
	for i := range scaled.Campaigns {
		scaled.Campaigns[i].Weight *= 100
	}
	if err := scaled.Validate(); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		f, answers := randomUnit(r, s)
		g := *f
		g.Appraisal = []CampaignFacts{{"year_end", scaled.reading(answers)}}
		a, b := s.Rank(1, []UnitFacts{{1, f}}), scaled.Rank(1, []UnitFacts{{1, &g}})
		if asText(t, a[0].Result.Total) != asText(t, b[0].Result.Total) {
			t.Fatalf("%v and %v", a[0].Result.Total, b[0].Result.Total)
		}
	}
}

// TestPartsSumToTheWhole: the parts with their shares give the base exactly, and base,
// bonus and deduction the total.
func TestPartsSumToTheWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 3))
	s := NJDefault()
	s.Trees[0].Parts[2].Scale = &Scale{Kind: ScaleMinMax}
	checked := 0
	for range 40 {
		for _, x := range s.Rank(1, randomCounty(r, s, 6)) {
			if !x.Result.Total.Known() {
				continue
			}
			checked++
			for depth, parts := range [][]Part{x.Result.Reasons.Parts, unscaledLeaves(x.Result.Reasons.Parts)} {
				sum, shares := new(big.Rat), new(big.Rat)
				for _, p := range parts {
					if p.Score.Known() && p.Share.Known() {
						sum.Add(sum, new(big.Rat).Mul(p.Share.rat, p.Score.rat))
						shares.Add(shares, p.Share.rat)
					}
				}
				if sum.Mul(sum, big.NewRat(1, 100)).Cmp(x.Result.Base.rat) != 0 || shares.Cmp(big.NewRat(100, 1)) != 0 {
					t.Fatalf("depth %d: parts give %v with %v of 100, base %v", depth, sum, shares, x.Result.Base)
				}
			}
			total := x.Result.Base.add(x.Result.Bonus).sub(x.Result.Deduction).atLeast(s.Total.Min).atMost(s.Total.Max).Round(4)
			if !total.Equal(x.Result.Total) {
				t.Fatalf("total %v, parts give %v", x.Result.Total, total)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d units had a total", checked)
	}
}

// unscaledLeaves are the leaves, a standardised part standing for what is below it.
func unscaledLeaves(parts []Part) []Part {
	var out []Part
	for _, p := range parts {
		if len(p.Parts) == 0 || !p.Raw.Equal(p.Score) {
			out = append(out, p)
		} else {
			out = append(out, unscaledLeaves(p.Parts)...)
		}
	}
	return out
}

// TestVetoNeverRaises: with a veto more, no unit's own place gets better.
func TestVetoNeverRaises(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	s := NJDefault()
	s.Veto = append(s.Veto, VetoRule{Code: "V9", Name: someNames, Effect: Effect{Cap: Decimal("60")}}, VetoRule{Code: "V8", Name: someNames, Effect: Effect{Grade: "fair", NotListed: true}})
	place := func(all []Standing, unit org.UnitID) int {
		return slices.IndexFunc(all, func(x Standing) bool { return x.Unit == unit })
	}
	for range 60 {
		county := randomCounty(r, s, 8)
		unit := org.UnitID(1 + r.IntN(8))
		before := place(s.Rank(1, county), unit)
		county[unit-1].Facts.Entries = append(county[unit-1].Facts.Entries, Entry{Rule: []string{"V1", "V9", "V8"}[r.IntN(3)]})
		if after := place(s.Rank(1, county), unit); after < before {
			t.Fatalf("a veto moves unit %d from place %d to %d", unit, before+1, after+1)
		}
	}
}

// TestTopAnswersNeverLower: an answer that becomes the best level, and a ballot of
// best levels added to a group that counts already, never lower the unit's score. (A
// ballot that makes a group of four low lines count for the first time may: that is
// the rule of five, not an answer.)
func TestTopAnswersNeverLower(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	s := NJDefault()
	score := func(answers map[string][]map[string]string) Exact {
		return s.CampaignOf("year_end", s.reading(answers)[0].Groups).Score
	}
	for range 200 {
		_, answers := randomUnit(r, s)
		before := score(answers)
		if !before.Known() {
			continue
		}
		g := s.Groups[r.IntN(len(s.Groups))].Code
		all := answers[g]
		usable := slices.ContainsFunc(s.reading(answers)[0].Groups, func(x GroupResult) bool { return x.Group == g && x.Lines >= 5 })
		if r.IntN(2) == 0 && usable {
			best := map[string]string{}
			for _, ind := range s.Indicators {
				best[ind.Code] = s.Levels[0].Code
			}
			answers[g] = append(all, best)
		} else if len(all) > 0 {
			l := all[r.IntN(len(all))]
			if ind := s.Indicators[r.IntN(len(s.Indicators))].Code; l[ind] != "na" {
				l[ind] = s.Levels[0].Code
			}
		}
		if after := score(answers); after.cmp(before) < 0 {
			t.Fatalf("a best answer in %s lowers %s to %s", g, before.Text(6), after.Text(6))
		}
	}
}

// county makes a snapshot of a random county.
func countySnapshot(r *rand.Rand, n int) *Snapshot {
	s := NJDefault()
	snap := &Snapshot{Header: Header{Year: 2026, AsOf: "2026-12-28T02:00:00Z", Calendar: "1: test"}, Scheme: s, Campaigns: []SnapshotCampaign{{Kind: "year_end", Scheme: s.Label(), Counted: 40}}}
	for i, u := range randomCounty(r, s, n) {
		snap.Units = append(snap.Units, SnapshotUnit{Unit: u.Unit, Code: fmt.Sprintf("D%02d", i+1), Name: someNames, Class: 1 + i%2, Facts: *u.Facts})
	}
	return snap
}

// TestRecomputedIsIdentical: what is read back from a snapshot gives the same ranking
// and, written again, the same bytes.
func TestRecomputedIsIdentical(t *testing.T) {
	snap := countySnapshot(rand.New(rand.NewPCG(4, 6)), 12)
	b, err := snap.Write()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadSnapshot(b)
	if err != nil {
		t.Fatal(err)
	}
	c, err := again.Write()
	if err != nil || !bytes.Equal(b, c) {
		t.Fatalf("written again it has other bytes: %v", err)
	}
	x, _, _ := snap.Ranking().Canonical()
	y, _, _ := again.Ranking().Canonical()
	if !bytes.Equal(x, y) {
		t.Error("read back it ranks otherwise")
	}
}

// TestOneFlippedByte: a bit flipped anywhere is noticed, and named where the file can
// still be read.
func TestOneFlippedByte(t *testing.T) {
	b, err := countySnapshot(rand.New(rand.NewPCG(4, 7)), 3).Write()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]int{}
	for at := 0; at < len(b); at += 7 {
		spoilt := bytes.Clone(b)
		spoilt[at] ^= 1
		_, err := ReadSnapshot(spoilt)
		if err == nil {
			t.Fatalf("byte %d of %d flipped (%q): not noticed", at, len(b), b[max(0, at-20):min(len(b), at+20)])
		}
		var part *SnapshotError
		if errors.As(err, &part) {
			named[strings.Fields(part.Part)[0]]++
		}
	}
	for _, part := range []string{"header", "scheme", "campaigns", "unit"} {
		if named[part] == 0 {
			t.Errorf("no flipped byte was named as %s: %v", part, named)
		}
	}
}
