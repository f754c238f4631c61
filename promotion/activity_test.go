package promotion_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
	"pingyi/postgres/pgtest"
	"pingyi/promotion"
)

// world is a county with a clerk, an office, a unit and companies, on 20 January 2008.
type world struct {
	*promotion.Store
	t         *testing.T
	now       time.Time
	db        *sqlx.DB
	book      *ledger.Store
	clerk     org.Actor
	units     []org.Actor // an officer of each
	companies []org.Actor
	n         int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: pgtest.Open(t), now: time.Date(2008, 1, 20, 2, 0, 0, 0, time.UTC)}
	now := func() time.Time { return w.now }
	w.Store, w.book = promotion.NewStore(w.db, now), ledger.NewStore(w.db, now)
	w.clerk = org.Actor{Role: org.RoleClerk}
	w.get(&w.clerk.Account, `INSERT INTO accounts (login, name, role, body_id, created_at) SELECT 'clerk', '录入员', 'clerk', id, now() FROM bodies WHERE kind = 'government_office' RETURNING id`)
	for i := range 2 {
		a := org.Actor{Role: org.RoleOfficer}
		w.get(&a.Unit, `INSERT INTO units (code, class, name_zh, name_en, name_ru) VALUES ($1, 1, $1, $1, $1) RETURNING id`, fmt.Sprintf("D0%d", i+1))
		w.get(&a.Account, `INSERT INTO accounts (login, name, role, unit_id, created_at) VALUES ($1, $1, 'officer', $2, now()) RETURNING id`, fmt.Sprintf("office%d", i), a.Unit)
		w.units = append(w.units, a)
		b := org.Actor{Role: org.RoleCompany}
		w.get(&b.Company, `INSERT INTO companies (licence, name_zh, origin, sector, rater_group, created_at) VALUES ($1, $1, 'foreign', 'food', 'G1', now()) RETURNING id`, licence(i))
		w.get(&b.Account, `INSERT INTO accounts (login, name, role, company_id, created_at) VALUES ($1, $1, 'company', $2, now()) RETURNING id`, fmt.Sprintf("firm%d", i), b.Company)
		w.companies = append(w.companies, b)
	}
	return w
}

func licence(i int) string { return fmt.Sprintf("9123112MA1%08d", i) }

func (w *world) get(to any, q string, args ...any) {
	w.t.Helper()
	w.must(w.db.Get(to, q, args...))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) key() string {
	w.n++
	return fmt.Sprint("key-", w.n)
}

func problem(err error, field string) string { return fault.FieldsOf(err)[field].Key }

// sample enters the report's ledger and its events.
func (w *world) sample() {
	w.t.Helper()
	for _, r := range ledger.Sample() {
		_, err := w.book.Enter(w.t.Context(), w.clerk, r.ContractDraft)
		w.must(err)
	}
	for _, x := range promotion.Sample() {
		id, err := w.Enter(w.t.Context(), w.clerk, x.ActivityDraft, w.key())
		w.must(err)
		for _, no := range x.Results {
			w.must(w.Link(w.t.Context(), w.clerk, id, no))
		}
	}
}

// TestS13SampleReproducesTheEvents: the three events of rules 1.3 with their rows of the
// ledger: L-15 to L-18. The ledger's own totals do not change by them.
func TestS13SampleReproducesTheEvents(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.sample()
	all, n, err := w.Activities(ctx, w.clerk, 2007, "", 1, 10)
	w.must(err)
	if n != 3 {
		t.Fatalf("%d events", n)
	}
	want := map[string][]string{
		"第十八届哈洽会": {"contract investment CNY 5 47800.00", "agreement investment CNY 2 35000.00"}, // L-15, L-16
		"绿博会":     nil,
		"“双子城之夏—中俄国际风情节”": {"contract investment CNY 1 5000.00", "contract trade USD 1 100.00"}, // L-17, L-18
	}
	for _, a := range all {
		rows, err := w.Results(ctx, w.clerk, a.ID)
		w.must(err)
		var got []string
		for _, s := range promotion.Sums(rows) {
			got = append(got, fmt.Sprintf("%s %s %s %d %s", s.Kind, s.Purpose, s.Currency, s.Rows, s.Amount))
		}
		if fmt.Sprint(got) != fmt.Sprint(want[a.Title]) || a.Source == "" {
			t.Errorf("%s: %v, want %v (source %q)", a.Title, got, want[a.Title], a.Source)
		}
		if a.Kind == "festival" && (a.From != "2007-08-06" || a.Place != "黑河") {
			t.Errorf("the festival was %s in %s", a.From, a.Place)
		}
	}
	sum, err := w.book.Summary(ctx, w.clerk, ledger.Period{To: "2007-12-31"})
	w.must(err)
	if sum.All.Contracts != 46 || sum.All.Amount.String() != "125746.04" {
		t.Errorf("L-01, L-02: %d contracts, %s", sum.All.Contracts, sum.All.Amount)
	}
	var investor string
	w.get(&investor, `SELECT investor FROM contracts WHERE no = $1`, ledger.SampleSewage)
	if investor != "德安集团" {
		t.Errorf("L-17: %s", investor)
	}
}

// TestS12ResultsAreLedgerRows: what was signed at an activity is a row of the ledger, of
// one activity only; there is no way to type it.
func TestS12ResultsAreLedgerRows(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.sample()
	d := promotion.ActivityDraft{Kind: "trip", Title: "赴南方招商", Place: "宁波", From: "2008-01-10", Until: "2008-01-09"}
	if _, err := w.Enter(ctx, w.clerk, d, "a"); problem(err, "until") != "promotion.days-turned" {
		t.Errorf("it ends before it begins: %v", err)
	}
	d.Until = "2008-01-12"
	id, err := w.Enter(ctx, w.clerk, d, "a")
	w.must(err)
	if again, err := w.Enter(ctx, w.clerk, d, "a"); err != nil || again != id {
		t.Errorf("the same form again: %d (%v)", again, err)
	}
	if _, err := w.Enter(ctx, w.units[0], d, "b"); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("a department enters an activity: %v", err)
	}
	if err := w.Link(ctx, w.clerk, id, "NO-SUCH"); problem(err, "no") != "promotion.row-unknown" {
		t.Errorf("a result that is no row: %v", err)
	}
	if err := w.Link(ctx, w.clerk, id, ledger.SampleSewage); problem(err, "no") != "promotion.row-taken" {
		t.Errorf("a row of two activities: %v", err)
	}
	w.must(w.Link(ctx, w.clerk, id, "XN-Q-2007-01"))
	w.must(w.Link(ctx, w.clerk, id, "XN-Q-2007-01"))
	w.must(w.Join(ctx, w.clerk, id, w.units[1].Unit))
	a, err := w.Activity(ctx, w.clerk, id)
	w.must(err)
	if a.Rows != 1 || len(a.UnitIDs) != 1 {
		t.Errorf("%d results, units %v", a.Rows, a.UnitIDs)
	}
	if _, err := w.Activity(ctx, w.companies[0], id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a company reads the activity: %v", err)
	}
}

// TestS37InvitationsAndFollowUp: companies answer an invitation until the day; what is to
// follow has a unit and a day and stays in that unit's list until it says what came of it.
func TestS37InvitationsAndFollowUp(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	id, err := w.Enter(ctx, w.clerk, promotion.ActivityDraft{Kind: "social", Title: "联谊会", Place: "县会议中心", From: "2008-01-25", Until: "2008-01-25"}, "a")
	w.must(err)
	w.must(w.Invite(ctx, w.clerk, id, licence(0)))
	if err := w.Answer(ctx, w.companies[1], id, true); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("who is not invited answers: %v", err)
	}
	w.must(w.Answer(ctx, w.companies[0], id, true))
	w.must(w.Answer(ctx, w.companies[0], id, false))
	guests, err := w.Guests(ctx, w.clerk, id)
	w.must(err)
	if len(guests) != 1 || guests[0].Answer() != "no" {
		t.Errorf("guests %v", guests)
	}
	if err := w.Meet(ctx, w.clerk, id, promotion.ContactDraft{Name: "沈某", From: "某集团", Follow: "寄材料"}, "c"); problem(err, "due") == "" || problem(err, "unit") == "" {
		t.Errorf("something to follow without day and unit: %v", err)
	}
	w.must(w.Meet(ctx, w.clerk, id, promotion.ContactDraft{Name: "沈某", From: "某集团", Follow: "寄材料", Due: "2008-01-28", Unit: w.units[0].Unit}, "c"))
	open := func(a org.Actor) []promotion.Contact {
		rows, err := w.Follow(ctx, a)
		w.must(err)
		return rows
	}
	if len(open(w.units[0])) != 1 || len(open(w.units[1])) != 0 || len(open(w.clerk)) != 1 {
		t.Error("what is to follow is not in its unit's list alone")
	}
	w.now = w.now.AddDate(0, 0, 10)
	if x := open(w.clerk)[0]; !x.Overdue("2008-01-30") || x.Overdue("2008-01-28") {
		t.Error("it is overdue on the day after its day, not before")
	}
	if err := w.Answer(ctx, w.companies[0], id, true); !errors.Is(err, promotion.ErrOver) {
		t.Errorf("an answer after the day: %v", err)
	}
	contact := open(w.clerk)[0].ID
	if err := w.Finish(ctx, w.units[1], contact, "已寄出材料"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another unit finishes it: %v", err)
	}
	w.must(w.Finish(ctx, w.units[0], contact, "已寄出材料"))
	if len(open(w.units[0])) != 0 {
		t.Error("what is done is still to follow")
	}
}
