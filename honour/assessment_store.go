package honour

import (
	"bytes"
	"context"

	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/org"
)

// Assessment is a year's final result as it goes to the annual assessment (年度考核).
type Assessment struct {
	Result evaluation.YearResult
	Scheme *evaluation.Scheme
	Lines  []AssessmentLine
}

// AssessmentLine is a unit's line, every figure as the sealed ranking has it.
type AssessmentLine struct {
	evaluation.RankedLine
	Name org.Names
	Of   int // ranked units of its class
}

// ErrBroken: the ranking that follows from the sealed file is not the published one.
var ErrBroken = fault.New(fault.Conflict, "honour.assessment-broken")

// Assessment computes the published ranking of a year anew from its sealed file and
// returns it line by line; ErrBroken when it is not what was published.
func (s *Store) Assessment(ctx context.Context, by org.Actor, year int) (Assessment, error) {
	if !sees(by) {
		return Assessment{}, fault.ErrNotFound
	}
	r, err := s.eval.Published(ctx, year)
	if err != nil {
		return Assessment{}, err
	}
	_, snap, err := s.eval.Snapshot(ctx, r.ID)
	if err != nil {
		return Assessment{}, err
	}
	ranking := snap.Ranking()
	_, hash, err := ranking.Canonical()
	if err != nil {
		return Assessment{}, err
	}
	if !bytes.Equal(hash[:], r.Ranking) {
		return Assessment{}, ErrBroken
	}
	names, ranked := map[org.UnitID]org.Names{}, map[int]int{}
	for _, u := range snap.Units {
		names[u.Unit] = u.Name
	}
	for _, l := range ranking.Lines {
		if l.Status == evaluation.Ranked {
			ranked[l.Class]++
		}
	}
	out := Assessment{Result: r, Scheme: snap.Scheme}
	for _, l := range ranking.Lines {
		out.Lines = append(out.Lines, AssessmentLine{RankedLine: l, Name: names[l.Unit], Of: ranked[l.Class]})
	}
	return out, nil
}
