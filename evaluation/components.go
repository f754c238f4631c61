package evaluation

import (
	"math/big"

	"pingyi/feedback"
)

// SheetScore is component F with the figures it is made of.
type SheetScore struct {
	Companies int   `json:"companies"` // n_c: companies with a valid sheet
	Mean      Exact `json:"mean"`      // FS: mean over companies
	Scaled    Exact `json:"scaled"`    // FS' = FS·min(1, n_c/FullAt)
	Due       int   `json:"due"`
	Returned  int   `json:"returned"`
	Visits    Exact `json:"visits"` // VC, 0 to 100
	Score     Exact `json:"score"`  // none: no visit was due
}

// SheetsOf computes F = 0.75·FS' + 0.25·VC. FS is the mean over companies of the
// mean of the company's sheets, so that a company visited often weighs no more.
func (s *Scheme) SheetsOf(f feedback.UnitSheets) SheetScore {
	r := SheetScore{Companies: len(f.Companies), Due: f.Due, Returned: f.Returned}
	if f.Due == 0 {
		return r
	}
	r.Scaled = Frac(0, 1)
	if r.Companies > 0 {
		sum := new(big.Rat)
		for _, c := range f.Companies {
			own := new(big.Rat)
			for _, x := range c.Scores {
				own.Add(own, x)
			}
			sum.Add(sum, own.Mul(own, big.NewRat(1, int64(len(c.Scores)))))
		}
		r.Mean = Exact{sum.Mul(sum, big.NewRat(1, int64(r.Companies)))}
		r.Scaled = r.Mean.times(int64(min(r.Companies, s.Sheets.FullAt)), int64(s.Sheets.FullAt))
	}
	r.Visits = Frac(100*int64(min(f.Returned, f.Due)), int64(f.Due))
	r.Score = r.Scaled.times(int64(s.Sheets.ScoreWeight), 100).add(r.Visits.times(int64(s.Sheets.VisitsWeight), 100))
	return r
}

// IssueScore is component R with the figures it is made of.
type IssueScore struct {
	All       int   `json:"all"`
	Excluded  int   `json:"excluded"`
	Responded int   `json:"responded"`
	Solved    int   `json:"solved"`
	Rated     int   `json:"rated"`
	RR        Exact `json:"rr"` // first response in time, 0 to 100
	SR        Exact `json:"sr"` // solved in time and confirmed, 0 to 100
	SS        Exact `json:"ss"` // mean satisfaction; SR when too few are rated
	SSIsSR    bool  `json:"ss_is_sr"`
	Score     Exact `json:"score"` // none: no issue
}

// IssuesOf computes R = 0.20·RR + 0.40·SR + 0.40·SS.
func (s *Scheme) IssuesOf(f feedback.UnitIssues) IssueScore {
	r := IssueScore{All: f.All, Excluded: f.Excluded, Responded: f.Responded, Solved: f.Solved}
	if f.All == 0 {
		return r
	}
	n := int64(f.All)
	r.RR, r.SR = Frac(100*int64(f.Responded), n), Frac(100*int64(f.Solved), n)
	sum := 0
	for level, k := range f.Ratings {
		if v, ok := s.Value(level); ok {
			r.Rated += k
			sum += k * v
		}
	}
	if r.Rated < s.Issues.MinRated {
		r.SS, r.SSIsSR = r.SR, true
	} else {
		r.SS = Frac(int64(sum), int64(r.Rated))
	}
	r.Score = r.RR.times(int64(s.Issues.Response), 100).add(r.SR.times(int64(s.Issues.Solved), 100)).add(r.SS.times(int64(s.Issues.Satisfaction), 100))
	return r
}

// TaskFigures are what an office entered of a unit's tasks. Amounts in 万元.
type TaskFigures struct {
	Target  Exact `json:"target"` // none: the unit has no target
	Arrived Exact `json:"arrived"`
	Due     int   `json:"due"`
	Done    int   `json:"done"`
}

// TaskScore is component W with the figures it is made of.
type TaskScore struct {
	TaskFigures
	TC    Exact `json:"tc"` // arrived funds of the target, at most 100
	EC    Exact `json:"ec"` // environment tasks done in time
	Score Exact `json:"score"`
}

// TasksOf computes W = (TC+EC)/2, or the one of both that exists.
func (s *Scheme) TasksOf(f TaskFigures) TaskScore {
	r := TaskScore{TaskFigures: f}
	if f.Target.Known() && f.Arrived.Known() {
		r.TC = Exact{new(big.Rat).Quo(f.Arrived.rat, f.Target.rat)}.times(100, 1).atMost(Frac(100, 1))
	}
	if f.Due > 0 {
		r.EC = Frac(100*int64(f.Done), int64(f.Due))
	}
	switch {
	case r.TC.Known() && r.EC.Known():
		r.Score = r.TC.add(r.EC).times(1, 2)
	case r.TC.Known():
		r.Score = r.TC
	default:
		r.Score = r.EC
	}
	return r
}
