package evaluation

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"

	"pingyi/evaluation/rank"
	"pingyi/org"
)

// Ranking is what follows from a snapshot, in the form that is compared to the last
// digit: places, totals, grades, lists, and the parts they are made of.
type Ranking struct {
	Year  int          `json:"year"`
	Lines []RankedLine `json:"lines"`
}

// RankedLine is a unit's line. Numbers are rounded as the scheme rounds totals: the
// ranking is public, and exact fractions of few ballots or sheets would say more of
// them than the public may know.
type RankedLine struct {
	Unit      org.UnitID  `json:"unit"`
	Code      string      `json:"code"`
	Class     int         `json:"class"`
	Status    Status      `json:"status"`
	Rank      int         `json:"rank"`
	Total     Exact       `json:"total"`
	Grade     string      `json:"grade"`
	Lists     []string    `json:"lists"`
	Base      Exact       `json:"base"`
	Bonus     Exact       `json:"bonus"`
	Deduction Exact       `json:"deduction"`
	Vetoes    []string    `json:"vetoes"`
	Parts     []PartScore `json:"parts"` // the parts at the top of the tree; those below may rest on few companies
}

// PartScore is the score of a part.
type PartScore struct {
	Code  string `json:"code"`
	Score Exact  `json:"score"`
}

// Ranking computes the ranking of a snapshot.
func (s *Snapshot) Ranking() *Ranking {
	codes := map[org.UnitID]string{}
	for _, u := range s.Units {
		codes[u.Unit] = u.Code
	}
	round := func(x Exact) Exact { return x.RoundBy(s.Scheme.Total.Rounding, s.Scheme.Total.Decimals) }
	r := &Ranking{Year: s.Header.Year, Lines: []RankedLine{}}
	for _, st := range s.Standings() {
		l := RankedLine{Unit: st.Unit, Code: codes[st.Unit], Class: st.Class, Status: st.Status, Rank: st.Rank, Total: st.Result.Total, Grade: st.Result.Grade,
			Lists: append([]string{}, st.Lists...), Base: round(st.Result.Base), Bonus: round(st.Result.Bonus), Deduction: round(st.Result.Deduction),
			Vetoes: append([]string{}, st.Result.Reasons.Vetoes...), Parts: []PartScore{}}
		for _, p := range st.Result.Reasons.Parts {
			l.Parts = append(l.Parts, PartScore{p.Code, round(p.Score)})
		}
		r.Lines = append(r.Lines, l)
	}
	return r
}

// Canonical returns the bytes of the ranking and their SHA-256.
func (r *Ranking) Canonical() ([]byte, [32]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, [32]byte{}, fmt.Errorf("write ranking: %w", err)
	}
	return b, sha256.Sum256(b), nil
}

// FairStanding is a unit's place when harsh and lenient raters are allowed for,
// within its class.
type FairStanding struct {
	FairUnit
	Low   float64 `json:"low"` // interval of the adjusted score
	High  float64 `json:"high"`
	Rank  int     `json:"rank"` // 0: not compared
	Best  int     `json:"best"` // ranks that hold for all units of the class together
	Worst int     `json:"worst"`
	Tier  int     `json:"tier"`
}

// FairStandings ranks the units of each class by the comparison: ranks by estimates
// that are not shrunk, with simultaneous confidence sets (Mogstad, Romano, Shaikh,
// Wilhelm 2024) and tiers from the same test. The seed comes from the snapshot's
// bytes, so that the sets are the same wherever they are computed.
func (s *Snapshot) FairStandings() ([]FairStanding, error) {
	if s.Fairness == nil || s.Fairness.Status != fittedStatus {
		return nil, nil
	}
	hash, err := s.Hash()
	if err != nil {
		return nil, err
	}
	coverage := s.Scheme.Fairness.Coverage.Float() / 100
	z := normalQuantile(0.5 + coverage/2)
	out := make([]FairStanding, len(s.Fairness.Units))
	place := map[int][]int{} // usable units by class
	row := map[int]int{}     // their row of the covariance
	for i, u := range s.Fairness.Units {
		out[i] = FairStanding{FairUnit: u, Low: u.Score - z*u.SE, High: u.Score + z*u.SE}
		if u.Status == FairUsable && len(s.Fairness.Covariance) > 0 {
			row[i] = len(row)
			place[u.Class] = append(place[u.Class], i)
		}
	}
	for _, class := range org.Classes {
		in := place[class]
		if len(in) < 2 {
			continue
		}
		e := rank.Estimates{Value: make([]float64, len(in)), Covariance: make([]float64, len(in)*len(in))}
		for a, i := range in {
			e.Value[a] = s.Fairness.Units[i].Estimate
			for b, j := range in {
				e.Covariance[a*len(in)+b] = s.Fairness.covariance(row[i], row[j])
			}
		}
		sets, err := rank.Confidence(e, rank.Options{Coverage: coverage, Seed: binary.BigEndian.Uint64(hash[:8])})
		if err != nil {
			return nil, fmt.Errorf("ranks of class %d: %w", class, err)
		}
		tiers := rank.Tiers(e.Value, sets.Better)
		for a, i := range in {
			out[i].Rank, out[i].Best, out[i].Worst, out[i].Tier = sets.Rank[a], sets.Low[a], sets.High[a], tiers[a]
		}
	}
	return out, nil
}

func (f *Fairness) covariance(i, j int) float64 {
	if i < j {
		i, j = j, i
	}
	return f.Covariance[i*(i+1)/2+j]
}

// HashText writes a hash as people read it aloud: hex in groups of eight.
func HashText(h []byte) string {
	text := hex.EncodeToString(h)
	out := ""
	for i := 0; i < len(text); i += 8 {
		if i > 0 {
			out += " "
		}
		out += text[i:min(i+8, len(text))]
	}
	return out
}

// hypot is the square root of the sum of two squares, with the same last bit on
// every processor: products are rounded before they are added.
func hypot(a, b float64) float64 { return math.Sqrt(float64(a*a) + float64(b*b)) }
