package meeting

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"time"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/org"
)

// Sections are what a pack can hold, in the order in which it is offered.
var Sections = []string{"cover", "participation", "visits", "issues", "categories", "overdue", "passing", "projects", "decisions", "ranking", "topics", "minutes"}

// Order moves a section one place up (-1) or down (+1) in a list of sections.
func Order(sections []string, name string, by int) []string {
	out := slices.Clone(sections)
	if i := slices.Index(out, name); i >= 0 && i+by >= 0 && i+by < len(out) {
		out[i], out[i+by] = out[i+by], out[i]
	}
	return out
}

// KnownSections drops what is no section and what comes twice.
func KnownSections(in []string) []string {
	var out []string
	for _, s := range in {
		if slices.Contains(Sections, s) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// PackFacts are everything a pack is made of. They are kept byte by byte; every page
// and file of the pack is a function of them, so it gives the same numbers at any time.
type PackFacts struct {
	Year      int                   `json:"year"`
	Quarter   int                   `json:"quarter"`
	Title     string                `json:"title"`
	AsOf      time.Time             `json:"as_of"`
	Calendar  int64                 `json:"calendar"`
	Feedback  feedback.QuarterFacts `json:"feedback"`
	Campaigns []PackCampaign        `json:"campaigns"`
	Projects  []PackProject         `json:"projects"`
	Decisions []PackDecision        `json:"decisions"`
	Ranking   PackRanking           `json:"ranking"`
	Topics    []string              `json:"topics"`
	Cases     []PackCase            `json:"cases"` // of buck-passing, upheld in the quarter
}

// PackCampaign is an appraisal that ran in the quarter.
type PackCampaign struct {
	Title   org.Names  `json:"title"`
	Turnout []PackTurn `json:"turnout"`
}

// PackTurn is the turnout of a group of raters.
type PackTurn struct {
	Group   string `json:"group"`
	Listed  int    `json:"listed"`
	Ballots int    `json:"ballots"`
}

// PackProject is a key project and when it was reported on.
type PackProject struct {
	No   string        `json:"no"`
	Name org.Names     `json:"name"`
	Last calendar.Date `json:"last"`
	Next calendar.Date `json:"next"`
	Late bool          `json:"late"`
}

// PackDecision is a decision of an earlier meeting that is still open.
type PackDecision struct {
	No    string        `json:"no"`
	Text  string        `json:"text"`
	Unit  org.Names     `json:"unit"`
	DueOn calendar.Date `json:"due_on"`
	State string        `json:"state"`
	Late  bool          `json:"late"`
}

// PackCase is a case that the supervision office upheld. A suspicion is no finding and
// is in no pack.
type PackCase struct {
	Ref     string        `json:"ref"`
	Title   string        `json:"title"`
	Lang    string        `json:"lang"`
	Unit    org.Names     `json:"unit"`
	FoundOn calendar.Date `json:"found_on"`
}

// PackRanking is the latest published ranking.
type PackRanking struct {
	Year    int       `json:"year"` // 0: none
	Version int       `json:"version"`
	Rows    []PackRow `json:"rows"`
}

// PackRow is a unit in the ranking.
type PackRow struct {
	Class int       `json:"class"`
	Rank  int       `json:"rank"` // 0: not ranked
	Name  org.Names `json:"name"`
	Total string    `json:"total"` // two decimals
	Grade string    `json:"grade"`
	Tier  int       `json:"tier"`
}

// Encode writes the facts as they are kept.
func (f PackFacts) Encode() ([]byte, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write the facts of a pack: %w", err)
	}
	return b, nil
}

// DecodeFacts reads facts as they were kept; a field that nobody knows is an error.
func DecodeFacts(b []byte) (PackFacts, error) {
	var f PackFacts
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("read the facts of a pack: %w", err)
	}
	return f, nil
}

// Pack is a pack as it was made.
type Pack struct {
	ID       int64
	Meeting  ID
	No       int // of this meeting, from 1
	Sections []string
	Hash     []byte // SHA-256 of the facts
	AsOf     time.Time
	Maker    string
	Facts    PackFacts
}

// Sums are the totals of a pack, from its facts alone.
type Sums struct {
	Due, Made, Visits, Sheets             int
	Opened, Closed, Solved, Open, Overdue int
	Handover                              int
	Listed, Ballots                       int
}

// Sums adds up what the facts say by unit and group.
func (f PackFacts) Sums() Sums {
	var s Sums
	for _, u := range f.Feedback.Units {
		s.Due, s.Made, s.Visits, s.Sheets = s.Due+u.Due, s.Made+u.Made, s.Visits+u.Visits, s.Sheets+u.Sheets
		s.Opened, s.Closed, s.Solved = s.Opened+u.Opened, s.Closed+u.Closed, s.Solved+u.Solved
		s.Open, s.Overdue, s.Handover = s.Open+u.Open, s.Overdue+u.Overdue, s.Handover+u.Handover
	}
	for _, c := range f.Campaigns {
		for _, t := range c.Turnout {
			s.Listed, s.Ballots = s.Listed+t.Listed, s.Ballots+t.Ballots
		}
	}
	return s
}

// Share is part of whole in percent with one decimal, rounded half up once; "" when
// there is no whole.
func Share(part, whole int) string {
	if whole == 0 {
		return ""
	}
	return big.NewRat(100*int64(part), int64(whole)).FloatString(1)
}

// Busy returns the units that have any issue in the quarter or open, most overdue
// first, then most open, then by code.
func (f PackFacts) Busy() []feedback.UnitQuarter {
	var out []feedback.UnitQuarter
	for _, u := range f.Feedback.Units {
		if u.Opened+u.Closed+u.Open > 0 {
			out = append(out, u)
		}
	}
	slices.SortStableFunc(out, func(a, b feedback.UnitQuarter) int {
		return cmp.Or(cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(b.Open, a.Open), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// Behind returns the units that owe visits of the plan, those that owe most first.
func (f PackFacts) Behind() []feedback.UnitQuarter {
	var out []feedback.UnitQuarter
	for _, u := range f.Feedback.Units {
		if u.Made < u.Due {
			out = append(out, u)
		}
	}
	slices.SortStableFunc(out, func(a, b feedback.UnitQuarter) int {
		return cmp.Or(cmp.Compare(b.Due-b.Made, a.Due-a.Made), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// Passed returns the units that proposed another unit most often.
func (f PackFacts) Passed() []feedback.UnitQuarter {
	var out []feedback.UnitQuarter
	for _, u := range f.Feedback.Units {
		if u.Handover > 0 {
			out = append(out, u)
		}
	}
	slices.SortStableFunc(out, func(a, b feedback.UnitQuarter) int {
		return cmp.Or(cmp.Compare(b.Handover, a.Handover), cmp.Compare(a.Code, b.Code))
	})
	return out
}
