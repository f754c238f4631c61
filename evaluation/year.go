package evaluation

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// TaskEntry is what an office enters of a unit's tasks, as typed. Amounts in 万元.
type TaskEntry struct {
	Unit     org.UnitID
	Target   string // "" : no target
	Arrived  string
	Due      int
	Done     int
	Evidence string
}

var money = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,2})?$`)

// normalMoney folds an amount as typed: groups and spaces do not matter.
func normalMoney(s string) string {
	return strings.NewReplacer(",", "", "，", "", " ", "", "\u202f", "", "\u00a0", "", "。", ".").Replace(s)
}

func (e TaskEntry) check() (TaskEntry, error) {
	f := fault.Fields{}
	e.Target, e.Arrived = normalMoney(e.Target), normalMoney(e.Arrived)
	if e.Target != "" && (!money.MatchString(e.Target) || Decimal(e.Target).cmp(Frac(0, 1)) == 0) {
		f.Add("target", "year.amount-form")
	}
	switch {
	case e.Target == "" && e.Arrived != "":
		f.Add("arrived", "year.arrived-without-target")
	case e.Target != "" && !money.MatchString(e.Arrived):
		f.Add("arrived", "year.amount-form")
	}
	if e.Due < 0 || e.Due > 999 {
		f.Add("due", "year.count-form")
	}
	if e.Done < 0 || e.Done > e.Due {
		f.Add("done", "year.done-over-due")
	}
	checkEvidence(f, e.Evidence)
	return e, f.Err()
}

// MaxEvidence is the limit of an evidence text, in characters.
const MaxEvidence = 500

func checkEvidence(f fault.Fields, text string) {
	switch n := utf8.RuneCountInString(text); {
	case n < 5:
		f.Add("evidence", "year.evidence-missing")
	case n > MaxEvidence:
		f.Add("evidence", "text.long", "Limit", MaxEvidence, "Have", n)
	}
}

// TaskRow is a unit's task figures as kept.
type TaskRow struct {
	Unit     org.UnitID `db:"unit_id"`
	Target   *string    `db:"target"`
	Arrived  *string    `db:"arrived"`
	Due      int        `db:"tasks_due"`
	Done     int        `db:"tasks_done"`
	Evidence string     `db:"evidence"`
	Book     bool       `db:"-"` // from the issued tasks of the ledger, not typed
}

func (r TaskRow) figures() TaskFigures {
	f := TaskFigures{Due: r.Due, Done: r.Done}
	if r.Target != nil && r.Arrived != nil {
		f.Target, f.Arrived = Decimal(*r.Target), Decimal(*r.Arrived)
	}
	return f
}

// AdjustmentEntry is a bonus, deduction or veto as an office enters it.
type AdjustmentEntry struct {
	Unit     org.UnitID
	Rule     string
	On       string
	Company  org.CompanyID
	Amount   string // where the rule counts an amount, as typed
	Evidence string
}

// Adjustment is an entry as kept; struck ones stay readable and count for nothing.
type Adjustment struct {
	ID        int64          `db:"id"`
	Unit      org.UnitID     `db:"unit_id"`
	UnitName  org.Names      `db:"unit"`
	Rule      string         `db:"rule"`
	On        calendar.Date  `db:"happened_on"`
	Company   org.CompanyID  `db:"company"`
	Amount    string         `db:"amount"`
	Evidence  string         `db:"evidence"`
	Finding   string         `db:"finding"` // number of the finding it rests on; "" entered by hand
	EnteredBy string         `db:"entered_by"`
	Entered   time.Time      `db:"entered_at"`
	Struck    *time.Time     `db:"struck_at"`
	StruckWhy string         `db:"struck_why"`
	Credit    *ledger.Credit // what of the ledger it follows from; nil for entries by hand
}

// Case is the number of the case the entry rests on, where its page is the evidence;
// "" for entries by hand and for findings that have no page for everybody.
func (a Adjustment) Case() string {
	if strings.HasPrefix(a.Finding, "TW-") {
		return a.Finding
	}
	return ""
}

// YearResult is one computation of a year's ranking and how far it has come:
// draft, checked, approved, published; or returned, or superseded by a later one.
type YearResult struct {
	ID         int64         `db:"id"`
	Year       int           `db:"year"`
	Version    int           `db:"version"`
	SchemeID   int64         `db:"scheme_id"`
	State      string        `db:"state"`
	AsOf       time.Time     `db:"as_of"`
	Hash       []byte        `db:"snapshot_hash"`
	Ranking    []byte        `db:"ranking_hash"`
	Because    string        `db:"because_of"` // numbers of the appeals that led to this version
	Computer   string        `db:"computer"`
	ComputedBy org.AccountID `db:"computed_by"`
	Computed   time.Time     `db:"computed_at"`
	Checker    string        `db:"checker"`
	Checked    *time.Time    `db:"checked_at"`
	Approver   string        `db:"approver"`
	Approved   *time.Time    `db:"approved_at"`
	Publisher  string        `db:"publisher"`
	Published  *time.Time    `db:"published_at"`
	Returner   string        `db:"returner"`
	Returned   *time.Time    `db:"returned_at"`
	Why        string        `db:"returned_why"`
}

// Signature is an office's word for a result's snapshot.
type Signature struct {
	Office string    `db:"office"` // kind of body: party_office, government_office
	Name   string    `db:"name"`
	At     time.Time `db:"signed_at"`
}

// Row is a unit's line of a year's result, as kept.
type Row struct {
	Unit      org.UnitID     `db:"unit_id"`
	Code      string         `db:"code"`
	Name      org.Names      `db:"name"`
	Head      string         `db:"head"`
	Class     int            `db:"class"`
	Status    Status         `db:"status"`
	Rank      int            `db:"rank"`
	Total     Exact          `db:"total"`
	Grade     string         `db:"grade"`
	Base      Exact          `db:"base"`
	Bonus     Exact          `db:"bonus"`
	Deduction Exact          `db:"deduction"`
	SE        float64        `db:"se"`
	Tier      int            `db:"tier"`
	Best      int            `db:"rank_best"`
	Worst     int            `db:"rank_worst"`
	Lines     int            `db:"lines"`
	Lists     pq.StringArray `db:"lists"`
	Doc       []byte         `db:"reasons"`
}

// z95 is the two-sided 95 % point of the normal distribution.
const z95 = 1.96

// Low and High bound the 95 % range of the total, within 0 and 105.
func (r Row) Low() float64 { return max(0, r.Total.Float()-z95*r.SE) }

// High is the upper bound; see Low.
func (r Row) High() float64 { return min(105, r.Total.Float()+z95*r.SE) }

// Errors of a year's result.
var (
	ErrNoYearEnd   = fault.New(fault.Conflict, "year.no-year-end")
	ErrSamePerson  = fault.New(fault.Forbidden, "year.same-person")
	ErrResultState = fault.New(fault.Conflict, "year.state")
	ErrUnsigned    = fault.New(fault.Conflict, "year.unsigned")
	ErrNoResult    = fault.New(fault.NotFound, "year.none")
)
