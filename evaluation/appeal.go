package evaluation

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// AppealID numbers an appeal.
type AppealID int64

// What an appeal may be against. A ballot is none of it: nobody can be asked which
// ballot is whose.
const (
	AppealDeduction   = "deduction"   // an entered deduction or veto
	AppealAttribution = "attribution" // an issue that is not the unit's
	AppealData        = "data"        // a counted figure
)

// The states of an appeal.
const (
	AppealFiled    = "filed"
	AppealUpheld   = "upheld"
	AppealRejected = "rejected"
)

// The limits of an appeal.
const (
	AppealDays   = 5  // working days after publication in which a unit may appeal
	DecisionDays = 10 // working days in which it is decided
	LeastGrounds = 20 // characters
	MostGrounds  = 2000
)

// Appeal is a unit's appeal (申诉) against a published result.
type Appeal struct {
	ID        AppealID      `db:"id"`
	Result    int64         `db:"result_id"`
	Year      int           `db:"year"`
	Version   int           `db:"version"`
	Unit      org.UnitID    `db:"unit_id"`
	UnitName  org.Names     `db:"unit"`
	Kind      string        `db:"kind"`
	Subject   string        `db:"subject"` // key of a Subject
	Rule      string        `db:"rule"`    // of the entry it is against
	On        calendar.Date `db:"happened_on"`
	Evidence  string        `db:"evidence"`
	Grounds   string        `db:"grounds"`
	State     string        `db:"state"`
	FiledBy   string        `db:"filed_by"`
	Filed     time.Time     `db:"filed_at"`
	DecideBy  calendar.Date `db:"decide_by"`
	DecidedBy string        `db:"decided_by"`
	Decided   *time.Time    `db:"decided_at"`
	Decision  string        `db:"decision"`
	Done      *time.Time    `db:"done_at"` // an upheld one: the facts were put right
}

// Subject is something an appeal may be against.
type Subject struct {
	Kind string
	Key  string // "adjustment:12", "issue:NJ-2026-0012", "part:F", "bonus"
	Code string // rule, reference or part
	Name org.Names
	On   calendar.Date
	Text string // evidence or title
}

// The beginnings of subject keys.
const (
	subjectEntry = "adjustment:"
	subjectIssue = "issue:"
	subjectPart  = "part:"
	subjectBonus = "bonus" // a bonus that is missing
)

// Code is what the subject's key names: an entry's number, an issue's reference, a
// part's code; "" for a missing bonus.
func (a Appeal) Code() string {
	_, code, _ := strings.Cut(a.Subject, ":")
	return code
}

// entry is the number of the entry a deduction appeal is against.
func (a Appeal) entry() int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(a.Subject, subjectEntry), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// AppealDraft is an appeal as a unit files it.
type AppealDraft struct {
	Subject string
	Grounds string
	Files   []feedback.File // evidence, at most feedback.MaxFiles
}

// check finds the subject among those the unit has.
func (d AppealDraft) check(all []Subject) (Subject, error) {
	f := fault.Fields{}
	i := slices.IndexFunc(all, func(s Subject) bool { return s.Key == d.Subject })
	if i < 0 {
		f.Add("subject", "appeal.subject-missing")
	}
	switch n := utf8.RuneCountInString(d.Grounds); {
	case n < LeastGrounds:
		f.Add("grounds", "appeal.grounds-short", "Least", LeastGrounds, "Have", n)
	case n > MostGrounds:
		f.Add("grounds", "text.long", "Limit", MostGrounds, "Have", n)
	}
	if len(d.Files) > feedback.MaxFiles {
		f.Add("files", "file.too-many", "Count", feedback.MaxFiles)
	}
	if err := f.Err(); err != nil {
		return Subject{}, err
	}
	return all[i], nil
}

// Window is the time in which a published result may be appealed against.
type Window struct {
	Until calendar.Date
	Open  bool
	Left  int // working days after today; 0 on the last day
}

// windowOf counts the window of a result published at a moment: so many working
// days, the day of publication not counted, to 24:00 of the last.
func windowOf(cal *calendar.Calendar, published, now time.Time) Window {
	until, _ := cal.Add(calendar.DateOf(published), AppealDays)
	return Window{Until: until, Open: now.Before(until.End()), Left: cal.Left(until, now)}
}

// takesAway reports whether a rule takes points or rank away.
func (s *Scheme) takesAway(code string) bool {
	return slices.ContainsFunc(s.Deduction, func(r AddRule) bool { return r.Code == code }) || slices.ContainsFunc(s.Veto, func(v VetoRule) bool { return v.Code == code })
}

// figures lists the counted figures of a unit that an appeal may be against: the
// parts of its tree that come from anything but ballots, and a missing bonus.
func (s *Scheme) figures(class int) []Subject {
	out := []Subject{}
	tree := s.TreeOf(class)
	tree.each(func(n *Node, _ Exact) {
		if n.Source != nil && n.Source.Kind != FromAppraisal {
			out = append(out, Subject{Kind: AppealData, Key: subjectPart + n.Code, Code: n.Code, Name: n.Name})
		}
	})
	return append(out, Subject{Kind: AppealData, Key: subjectBonus})
}

// corrected returns the snapshot with what upheld appeals put right taken from fresh
// facts, and everything else as it was sealed: a new version of a result differs in
// the numbers it was made for and in no others.
func (s *Snapshot) corrected(fresh *Snapshot, appeals []Appeal) *Snapshot {
	out := *s
	out.Seal, out.raw = nil, nil
	out.Units = slices.Clone(s.Units)
	for i := range out.Units {
		u := &out.Units[i]
		j := slices.IndexFunc(fresh.Units, func(x SnapshotUnit) bool { return x.Unit == u.Unit })
		if j < 0 {
			continue
		}
		tree := s.Scheme.TreeOf(u.Class)
		for _, a := range appeals {
			if a.Unit == u.Unit {
				a.correct(&u.Facts, fresh.Units[j].Facts, tree)
			}
		}
	}
	return &out
}

// correct takes over the facts the appeal was about.
func (a Appeal) correct(to *Facts, from Facts, tree Tree) {
	switch {
	case a.Kind == AppealDeduction || a.Subject == subjectBonus:
		to.Entries = from.Entries
	case a.Kind == AppealAttribution:
		to.Issues = from.Issues
	default:
		n, ok := tree.Find(a.Code())
		if !ok || n.Source == nil {
			return
		}
		switch n.Source.Kind {
		case FromSheets, FromVisits:
			to.Sheets = from.Sheets
		case FromRate, FromSatisfaction:
			to.Issues = from.Issues
		case FromTarget, FromTasks:
			to.Tasks = from.Tasks
		case FromPanel:
			to.Panels = from.Panels
		}
	}
}

// without returns the snapshot without the k-th entry of a unit.
func (s *Snapshot) without(unit org.UnitID, k int) *Snapshot {
	out := *s
	out.Seal, out.raw = nil, nil
	out.Units = slices.Clone(s.Units)
	for i := range out.Units {
		if u := &out.Units[i]; u.Unit == unit && k < len(u.Facts.Entries) {
			u.Facts.Entries = slices.Delete(slices.Clone(u.Facts.Entries), k, k+1)
		}
	}
	return &out
}

// Errors of appeals.
var (
	ErrAppealWindow = fault.New(fault.Conflict, "appeal.window-over")
	ErrAppealState  = fault.New(fault.Conflict, "appeal.state")
	ErrAppealOwn    = fault.New(fault.Forbidden, "appeal.own-entry")
)
