package feedback

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// SheetID numbers a sheet.
type SheetID int64

// Sheet is a service-feedback sheet (服务反馈意见表): what a company says of one
// visit. It goes past the visiting unit to both offices.
type Sheet struct {
	ID         SheetID           `db:"id"`
	No         string            `db:"no"`
	Visit      VisitID           `db:"visit_id"`
	Area       string            `db:"area"`
	Matters    string            `db:"matters"`
	Overall    string            `db:"overall"` // level of the whole visit; items not rated apart follow it
	Answers    map[string]string `db:"-"`       // level code by item q1 to q4; missing: not answered
	Demand     string            `db:"demand"`
	DemandText string            `db:"demand_text"` // for the supervision office alone
	Solved     string            `db:"solved"`
	Opinion    string            `db:"opinion"`
	Suggestion string            `db:"suggestion"`
	WantsReply bool              `db:"wants_reply"`
	Release    string            `db:"release"` // may the unit see the text
	Named      bool              `db:"named"`   // may the unit learn that a rectification is about this visit
	Lang       string            `db:"lang"`
	FilledBy   string            `db:"filled_by"`
	Channel    string            `db:"channel"`
	FiledAt    time.Time         `db:"filed_at"`
	Call       SheetCall         `db:"-"` // of one taken by telephone
}

// SheetCall is the call in which a sheet was written down for a company.
type SheetCall struct {
	Number  string // called
	Person  string // who spoke for the company
	On      string // day and time as typed
	Time    string
	Consent bool // the person agreed that it is written down so
}

// check says what is wrong with the record of the call, and when the call was.
func (c SheetCall) check(f fault.Fields, now time.Time) time.Time {
	f.Length("call_number", c.Number, 5, 30)
	f.Length("call_person", c.Person, 1, maxStaff)
	at, err := time.ParseInLocation("2006-01-02 15:04", c.On+" "+c.Time, calendar.Shanghai)
	switch {
	case err != nil:
		f.Add("call_on", "sheet.call-when")
	case at.After(now):
		f.Add("call_on", "visit.date-ahead")
	}
	if !c.Consent {
		f.Add("call_consent", "sheet.call-consent-missing")
	}
	return at.UTC()
}

// transcribes reports whether the actor may write down what a company said or wrote: a clerk,
// or one of the two offices; never the visited unit.
func transcribes(by org.Actor) bool { return by.Role == org.RoleClerk || by.IsOffice() }

// The choices of a sheet.
var (
	SheetItems    = []string{"q1", "q2", "q3", "q4"}
	SheetAreas    = []string{"advice", "registration", "inspection", "later", "other"}
	SheetDemands  = []string{"no", "yes", "unsaid"}
	SheetSolved   = []string{"yes", "partly", "no"}
	SheetReleases = []string{"no", "summary", "yes"}
	Levels        = []string{"vs", "s", "b", "d", "vd"}
)

// MaxText is the limit of a sheet's free texts, in characters.
const MaxText = 1000

// Errors of sheets.
var (
	ErrSheetNotYours = fault.New(fault.Forbidden, "sheet.not-yours")
	ErrSheetExists   = fault.New(fault.Conflict, "sheet.exists")
)

// filled is the sheet with what follows from an overall level: an item that was not rated apart
// has that level, a question that was not asked is left unsaid. Without an overall level every
// question is asked.
func (s Sheet) filled() Sheet {
	if s.Overall == "" {
		return s
	}
	all := map[string]string{}
	for _, q := range SheetItems {
		if all[q] = s.Answers[q]; all[q] == "" {
			all[q] = s.Overall
		}
	}
	s.Answers = all
	s.Area, s.Demand = cmp.Or(s.Area, unsaid), cmp.Or(s.Demand, unsaid)
	s.Solved, s.Release = cmp.Or(s.Solved, unsaid), cmp.Or(s.Release, "no")
	return s
}

const unsaid = "unsaid"

// Dissatisfied reports whether any level given is "dissatisfied" or worse: a rectification follows.
func (s Sheet) Dissatisfied() bool {
	for _, a := range s.filled().Answers {
		if a == "d" || a == "vd" {
			return true
		}
	}
	return false
}

// More reports whether more than the overall level was said.
func (s Sheet) More() bool {
	return len(s.Answers) > 0 || s.Area+s.Matters+s.Demand+s.DemandText+s.Solved+s.Opinion+s.Suggestion+s.FilledBy != "" || s.WantsReply || s.Named || s.Release == "yes" || s.Release == "summary"
}

// Check says what is wrong with the sheet, by field.
func (s Sheet) Check() fault.Fields {
	f := fault.Fields{}
	if s.Overall != "" && !slices.Contains(Levels, s.Overall) {
		f.Add("overall", "level.unknown")
		return f
	}
	quick := s.Overall != ""
	s = s.filled()
	if !slices.Contains(SheetAreas, s.Area) && !(quick && s.Area == unsaid) {
		f.Add("area", "sheet.area-missing")
	}
	answered := 0
	for _, q := range SheetItems {
		switch a := s.Answers[q]; {
		case a == "" || a == "na":
		case slices.Contains(Levels, a):
			answered++
		default:
			f.Add(q, "level.unknown")
		}
	}
	if answered == 0 {
		f.Add("q1", "sheet.nothing-answered")
	}
	if !slices.Contains(SheetDemands, s.Demand) {
		f.Add("demand", "sheet.demand-missing")
	}
	if !slices.Contains(SheetSolved, s.Solved) && !(quick && s.Solved == unsaid) {
		f.Add("solved", "sheet.solved-missing")
	}
	if !slices.Contains(SheetReleases, s.Release) {
		f.Add("release", "sheet.release-missing")
	}
	f.Length("matters", s.Matters, 0, MaxText)
	f.Length("opinion", s.Opinion, 0, MaxText)
	f.Length("suggestion", s.Suggestion, 0, MaxText)
	f.Length("demand_text", s.DemandText, 0, MaxText)
	f.Length("filled_by", s.FilledBy, 0, maxStaff)
	return f
}

// Score returns Σ w·v / Σ w over the answered items, 0 to 100, and false when too
// little of the weight was answered: such a sheet counts for nothing, which is
// not the same as zero.
func (w SheetWeights) Score(answers map[string]string) (*big.Rat, bool) {
	var sum, weight int64
	for item, iw := range w.Items {
		if v, ok := w.Values[answers[item]]; ok {
			sum += int64(iw * v)
			weight += int64(iw)
		}
	}
	if weight == 0 || weight < int64(w.Least) {
		return nil, false
	}
	return big.NewRat(sum, weight), true
}

// Receipt is an office's copy of a sheet.
type Receipt struct {
	Sheet
	Office    org.BodyKind  `db:"office"`
	Delivered time.Time     `db:"delivered_at"`
	Received  *time.Time    `db:"received_at"`
	Receiver  string        `db:"receiver"`
	Unit      org.Names     `db:"unit"`
	Company   org.Names     `db:"company"`
	VisitedOn string        `db:"visited_on"`
	Score     *string       `db:"score"` // exact; nil: not valid
	CompanyID org.CompanyID `db:"company_id"`
	Q1        *string       `db:"q1"`
	Q2        *string       `db:"q2"`
	Q3        *string       `db:"q3"`
	Q4        *string       `db:"q4"`
}
