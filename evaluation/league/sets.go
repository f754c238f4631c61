package league

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"pingyi/evaluation/rank"
)

// Question asks for rank sets of estimates that come from elsewhere. Its names in
// JSON are a promise; what is left out has the default given here.
type Question struct {
	Theta    []float64   `json:"theta"` // larger is better
	SE       []float64   `json:"se"`    // standard errors of independent estimates, or
	Sigma    [][]float64 `json:"Sigma"` // the covariance matrix
	Names    []string    `json:"names"`
	Coverage *float64    `json:"coverage"` // 0.95
	CSType   string      `json:"cstype"`   // two-sided (default), lower, upper
	StepDown *bool       `json:"stepdown"` // true
	Simul    *bool       `json:"simul"`    // true: simultaneous; false: marginal
	Indices  []int       `json:"indices"`  // from 1; all
	Kind     string      `json:"kind"`     // csranks (default), taubest, tauworst
	Tau      int         `json:"tau"`      // of taubest and tauworst
}

// Answer are rank sets, in the order of the indices asked for.
type Answer struct {
	Kind     string    `json:"kind"`
	Coverage float64   `json:"coverage"`
	Indices  []int     `json:"indices"`
	Names    []string  `json:"names,omitempty"`
	Rank     []int     `json:"rank"`
	Low      []int     `json:"L"`
	High     []int     `json:"U"`
	Member   []bool    `json:"member,omitempty"` // may be among the tau best or worst
	Critical []float64 `json:"critical_values"`  // of each pass, or of each marginal set
	Draws    int       `json:"draws"`
	Seed     uint64    `json:"seed"`

	p, tau int
	theta  []float64
}

// ParseQuestion reads a question. Members it does not know are passed over.
func ParseQuestion(content []byte) (*Question, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	var q Question
	if err := d.Decode(&q); err != nil {
		return nil, fmt.Errorf("the file of estimates is not an object in JSON as described: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file of estimates has something after the object")
	}
	return &q, nil
}

// estimates are theta with its covariance.
func (q *Question) estimates() (rank.Estimates, error) {
	p := len(q.Theta)
	switch {
	case p == 0:
		return rank.Estimates{}, errors.New("theta is missing or empty")
	case p > rank.MaxEstimates:
		return rank.Estimates{}, rank.ErrTooMany
	case (q.SE == nil) == (q.Sigma == nil):
		return rank.Estimates{}, errors.New("either se or Sigma must be given")
	case q.Names != nil && len(q.Names) != p:
		return rank.Estimates{}, fmt.Errorf("%d names for %d estimates", len(q.Names), p)
	case q.SE != nil && len(q.SE) != p:
		return rank.Estimates{}, fmt.Errorf("%d standard errors for %d estimates", len(q.SE), p)
	case q.SE != nil:
		for i, s := range q.SE {
			if s < 0 {
				return rank.Estimates{}, fmt.Errorf("standard error %d is negative", i+1)
			}
		}
		return rank.Independent(q.Theta, q.SE), nil
	}
	for i, r := range q.Sigma {
		if len(r) != p || len(q.Sigma) != p {
			return rank.Estimates{}, fmt.Errorf("the matrix Sigma has %d rows and %d columns in row %d; there are %d estimates", len(q.Sigma), len(r), i+1, p)
		}
	}
	if len(q.Sigma) != p {
		return rank.Estimates{}, fmt.Errorf("the matrix Sigma is empty; there are %d estimates", p)
	}
	return rank.Estimates{Value: q.Theta, Covariance: slices.Concat(q.Sigma...)}, nil
}

func (q *Question) options(o rank.Options) (rank.Options, error) {
	if q.Coverage != nil {
		o.Coverage = *q.Coverage
	}
	if !(o.Coverage > 0 && o.Coverage < 1) {
		return o, rank.ErrCoverage
	}
	bounds := map[string]rank.Bounds{"": rank.TwoSided, "two-sided": rank.TwoSided, "lower": rank.LowerOnly, "upper": rank.UpperOnly}
	var known bool
	if o.Bounds, known = bounds[q.CSType]; !known {
		return o, fmt.Errorf("cstype %q is none of two-sided, lower, upper", q.CSType)
	}
	o.SingleStep = q.StepDown != nil && !*q.StepDown
	o.Marginal = q.Simul != nil && !*q.Simul
	for _, i := range q.Indices {
		o.Indices = append(o.Indices, i-1)
	}
	return o, nil
}

// Sets answers a question. Of the options Draws and Seed count, and Coverage where
// the question does not say. Errors say in a sentence what is wrong with it.
func Sets(q *Question, o rank.Options) (*Answer, error) {
	e, err := q.estimates()
	if err != nil {
		return nil, err
	}
	if o, err = q.options(o); err != nil {
		return nil, err
	}
	if o.Seed == 0 {
		o.Seed = rank.DefaultSeed
	}
	a := &Answer{Kind: q.Kind, Coverage: o.Coverage, Seed: o.Seed, p: len(q.Theta), tau: q.Tau, theta: q.Theta}
	var s *rank.Sets
	switch q.Kind {
	case "", "csranks":
		a.Kind = "csranks"
		s, err = rank.Confidence(e, o)
	case "taubest":
		a.Member, s, err = rank.Best(e, q.Tau, o)
	case "tauworst":
		a.Member, s, err = rank.Worst(e, q.Tau, o)
	default:
		return nil, fmt.Errorf("kind %q is none of csranks, taubest, tauworst", q.Kind)
	}
	if err != nil {
		return nil, err
	}
	a.Rank, a.Low, a.High, a.Critical, a.Draws = s.Rank, s.Low, s.High, s.Critical, s.Draws
	for _, i := range s.Indices {
		a.Indices = append(a.Indices, i+1)
		if q.Names != nil {
			a.Names = append(a.Names, q.Names[i])
		}
	}
	return a, nil
}

// Write prints the sets for people, best rank first.
func (a *Answer) Write(w io.Writer) error {
	g := grid{rows: [][]string{{"rank", "set", "name", "estimate", axis(a.p)}}, left: []int{2, 4}}
	if a.Member != nil {
		g.rows[0][1] = fmt.Sprintf("%s %d", a.Kind, a.tau)
	}
	order := rank.Order(len(a.Rank), func(i, k int) int { return a.Rank[i] - a.Rank[k] })
	for _, i := range order {
		name := fmt.Sprint(a.Indices[i])
		if a.Names != nil {
			name = short(a.Names[i])
		}
		set := fmt.Sprintf("%d-%d", a.Low[i], a.High[i])
		if a.Member != nil {
			set = map[bool]string{true: "yes", false: "no"}[a.Member[i]]
		}
		g.rows = append(g.rows, []string{fmt.Sprint(a.Rank[i]), set, name, fmt.Sprintf("%.4g", a.theta[a.Indices[i]-1]), picture(a.Low[i], a.Rank[i], a.High[i], a.p)})
	}
	if err := g.write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\ncoverage %.4g, seed %d, %d draws\n", a.Coverage, a.Seed, a.Draws)
	return err
}
