package honour

import (
	"slices"
	"strings"
	"time"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/org"
)

// Penalty is a unit with upheld findings of a year: what stands against commendation,
// and vetoes.
type Penalty struct {
	Unit  org.UnitID
	Name  org.Names
	Code  string
	Items []PenaltyItem
}

// PenaltyItem is one finding.
type PenaltyItem struct {
	Rule     string
	On       calendar.Date
	Evidence string
	Case     string // its number where it has a page; "" otherwise
}

// Consequences are what a year's published ranking and findings lead to.
type Consequences struct {
	Result    evaluation.YearResult
	Rule      evaluation.List
	Listed    []evaluation.Listing // units to be called in by the ranking
	Spared    []evaluation.Listing // units at the end of their class that are not, and why
	Penalties []Penalty            // from findings alone
}

// counts reports whether a rule is one of findings: it keeps a unit from the list of the
// best, or is a veto.
func counts(s *evaluation.Scheme, rule string) bool {
	for _, l := range s.Lists {
		if l.Code == ListAdvanced && slices.Contains(l.Without, rule) {
			return true
		}
	}
	return slices.ContainsFunc(s.Veto, func(v evaluation.VetoRule) bool { return v.Code == rule })
}

// penalties gathers the entries that the result counted and that are findings, by unit.
func penalties(s *evaluation.Scheme, r evaluation.YearResult, entries []evaluation.Adjustment) []Penalty {
	var out []Penalty
	for _, e := range entries {
		if !counts(s, e.Rule) || e.Entered.After(r.Computed) || e.Struck != nil && !e.Struck.After(r.Computed) {
			continue
		}
		i := slices.IndexFunc(out, func(p Penalty) bool { return p.Unit == e.Unit })
		if i < 0 {
			i = len(out)
			out = append(out, Penalty{Unit: e.Unit, Name: e.UnitName})
		}
		out[i].Items = append(out[i].Items, PenaltyItem{Rule: e.Rule, On: e.On, Evidence: e.Evidence, Case: e.Case()})
	}
	return out
}

// The bases of an interview.
const (
	ByRanking = "ranking" // last tier of the class and lowest grade
	ByFinding = "finding" // an upheld finding
)

// InterviewID numbers an interview.
type InterviewID int64

// Interview is a talk (约谈) the leading group has with a unit's head.
type Interview struct {
	ID         InterviewID    `db:"id"`
	Year       int            `db:"year"`
	Unit       org.UnitID     `db:"unit_id"`
	UnitName   org.Names      `db:"unit"`
	Basis      string         `db:"basis"`
	State      string         `db:"state"`
	Planned    calendar.Date  `db:"planned_on"`
	Place      string         `db:"place"`
	Holder     string         `db:"holder"`
	Document   int64          `db:"document_id"`
	DocumentNo string         `db:"document_no"`
	Held       calendar.Date  `db:"held_on"`
	Record     string         `db:"record"`
	Measures   string         `db:"measures"`
	Due        calendar.Date  `db:"due_on"`
	Facts      InterviewFacts `db:"-"`
	Doc        []byte         `db:"facts"`
}

// InterviewFacts are what an interview rests on.
type InterviewFacts struct {
	Rank  int           `json:"rank,omitempty"`
	Class int           `json:"class,omitempty"`
	Total string        `json:"total,omitempty"`
	Grade string        `json:"grade,omitempty"`
	Items []PenaltyItem `json:"items,omitempty"`
}

// interviewMoves is the machine of an interview.
var interviewMoves = []struct {
	act, from, to, who string
}{
	{"hold", "planned", "held", "the two offices: record, measures, due date"},
	{"cancel", "planned", "cancelled", "the two offices, with a reason"},
	{"report", "held", "reported", "the unit"},
	{"return", "reported", "held", "the two offices, with a reason"},
	{"close", "reported", "closed", "the two offices"},
}

// NextInterview is where an act leads an interview; ok is false when it may not happen.
func NextInterview(state, act string) (to string, ok bool) {
	for _, m := range interviewMoves {
		if m.act == act && m.from == state {
			return m.to, true
		}
	}
	return "", false
}

// May reports whether the actor may do an act to the interview now.
func (v Interview) May(a org.Actor, act string) bool {
	if _, ok := NextInterview(v.State, act); !ok {
		return false
	}
	if act == "report" {
		return a.OfUnit(v.Unit)
	}
	return a.IsOffice()
}

// Plan is an interview as an office plans it.
type Plan struct {
	Unit   org.UnitID
	Basis  string
	On     string // date as typed
	Place  string
	Holder string
}

func (p Plan) check(today calendar.Date) (calendar.Date, error) {
	f := fault.Fields{}
	on, err := calendar.ParseDate(p.On)
	if err != nil || on < today || on > today.AddDays(183) {
		f.Add("on", "interview.date-missing")
	}
	if p.Unit == 0 || p.Basis != ByRanking && p.Basis != ByFinding {
		f.Add("unit", "honour.unit-missing")
	}
	f.Length("place", strings.TrimSpace(p.Place), 2, 60)
	f.Length("holder", strings.TrimSpace(p.Holder), 2, 60)
	return on, f.Err()
}

// Talk is what was said and agreed.
type Talk struct {
	On       string // date as typed
	Record   string
	Measures string
	Due      string // date as typed
}

func (t Talk) check(v Interview, today calendar.Date) (on, due calendar.Date, err error) {
	f := fault.Fields{}
	if on, err = calendar.ParseDate(t.On); err != nil || on > today || on < v.Planned.AddDays(-31) {
		f.Add("on", "interview.held-missing")
	}
	if due, err = calendar.ParseDate(t.Due); err != nil || due <= today || due > today.AddDays(366) {
		f.Add("due", "interview.due-missing")
	}
	f.Length("record", strings.TrimSpace(t.Record), LeastReason, MostGrounds)
	f.Length("measures", strings.TrimSpace(t.Measures), LeastReason, MostGrounds)
	return on, due, f.Err()
}

// Overdue reports whether the measures are over their date without a report.
func (v Interview) Overdue(now time.Time) bool {
	return v.State == "held" && v.Due != "" && !now.Before(v.Due.End())
}

// Errors of interviews.
var (
	ErrNotListed = fault.New(fault.Conflict, "interview.not-listed")
	ErrPlanned   = fault.New(fault.Conflict, "interview.planned-already")
)
