package passing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const caseColumns = `c.id, c.ref, c.kind, c.issue_id, i.ref AS issue_ref, i.title, i.lang, i.category, c.anchor, c.opened_why, c.opened_at, c.calendar_version, c.reply_due,
	to_char(c.reply_due_on, 'YYYY-MM-DD') AS reply_due_on, c.state, coalesce(c.finding, '') AS finding, coalesce(c.finding_unit, 0) AS finding_unit, c.finding_text,
	coalesce(f.name, '') AS found_by, c.found_at, coalesce(c.sanction, '') AS sanction, c.sanction_text, coalesce(g.name, '') AS sanctioned_by, c.sanctioned_at,
	c.tell_due, coalesce(to_char(c.tell_due_on, 'YYYY-MM-DD'), '') AS tell_due_on, coalesce(t.name, '') AS told_by, c.told_at, c.told_text
	FROM passing_cases c JOIN issues i ON i.id = c.issue_id LEFT JOIN accounts f ON f.id = c.found_by LEFT JOIN accounts g ON g.id = c.sanctioned_by
	LEFT JOIN accounts t ON t.id = c.told_by `

// Suspect is what the clock does: it opens a case for every loop and every refusal of
// an arbitrated unit that has none. It returns how many it opened. A case begins with
// an event, so only issues with events of late are looked at; the first time, all.
// Findings made on the pages of issues become deductions, too.
func (s *Store) Suspect(ctx context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	began := s.now()
	const fresh = `EXISTS (SELECT FROM issue_events e WHERE e.issue_id = i.id AND e.kind IN ('propose', 'refuse_named') AND e.at > $1)`
	all, err := histories(ctx, s.db, fresh, s.scanned.Add(-24*time.Hour))
	if err != nil {
		return 0, err
	}
	opened := 0
	for _, h := range all {
		n, err := s.suspect(ctx, h)
		if err != nil {
			return opened, err
		}
		opened += n
	}
	if err := s.enterIssueFindings(ctx, s.scanned.Add(-24*time.Hour)); err != nil {
		return opened, err
	}
	s.scanned = began
	return opened, nil
}

// suspect opens what is due of one history.
func (s *Store) suspect(ctx context.Context, h History) (int, error) {
	x, err := s.measured(ctx, h, s.now())
	if err != nil {
		return 0, err
	}
	opened := 0
	add := func(o opening) error {
		return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
			_, fresh, err := s.open(ctx, tx, org.Portal, h, o)
			if fresh {
				opened++
			}
			return err
		})
	}
	if x.Suspected() {
		for _, l := range x.Loops {
			if err := add(opening{kind: KindLoop, anchor: l.Begin, units: l.Units(x)}); err != nil {
				return opened, err
			}
		}
	}
	for _, st := range h.Steps {
		if st.Kind == actRefuse && st.Unit != 0 {
			if err := add(opening{kind: KindRefusal, anchor: st.Event, units: []org.UnitID{st.Unit}}); err != nil {
				return opened, err
			}
		}
	}
	return opened, nil
}

// Units are the units a loop went through, each once, in the order of the history.
func (l Loop) Units(x Index) []org.UnitID {
	var out []org.UnitID
	add := func(u org.UnitID) {
		if !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	last := l.Returns[len(l.Returns)-1].Proposed
	for _, h := range x.Hops {
		if h.Proposed >= l.Begin && h.Proposed <= last {
			add(h.From)
			add(h.To)
		}
	}
	for _, r := range l.Returns {
		add(r.From)
		add(r.To)
	}
	return out
}

// opening is what a case is opened with.
type opening struct {
	kind   Kind
	anchor int64
	units  []org.UnitID
	why    string
}

// open writes a case, once for its issue, kind and anchor, and asks the units to reply.
func (s *Store) open(ctx context.Context, tx *sqlx.Tx, by org.Actor, h History, o opening) (ref string, fresh bool, err error) {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 16))`, fmt.Sprintf("passing-%d", h.Issue)); err != nil {
		return "", false, fmt.Errorf("wait for the issue's cases: %w", err)
	}
	err = tx.GetContext(ctx, &ref, `SELECT ref FROM passing_cases WHERE issue_id = $1 AND kind = $2 AND anchor = $3`, h.Issue, o.kind, o.anchor)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return ref, false, err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return "", false, err
	}
	if ref, err = number(ctx, tx, "passing", "TW-%d-%03d", s.today().Year()); err != nil {
		return "", false, err
	}
	due, _ := cal.Add(s.today(), DaysReply)
	var id CaseID
	const q = `INSERT INTO passing_cases (ref, kind, issue_id, anchor, opened_by, opened_why, opened_at, calendar_version, reply_due, reply_due_on)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`
	if err := tx.GetContext(ctx, &id, q, ref, o.kind, h.Issue, o.anchor, orNull(by.Account), o.why, s.now(), cal.ID, due.End(), due); err != nil {
		return "", false, fmt.Errorf("open case: %w", err)
	}
	m := notify.Message{Kind: "passing-opened", Topic: "passing:" + ref, Link: "/d/passing/" + ref, Key: "passing-opened-" + ref,
		Args: map[string]string{"Ref": ref, "Issue": h.Ref, "What": "text:passing.kind-" + string(o.kind), "Due": "date:" + string(due)}}
	for _, u := range o.units {
		if _, err := tx.ExecContext(ctx, `INSERT INTO passing_units (case_id, unit_id) VALUES ($1, $2)`, id, u); err != nil {
			return "", false, fmt.Errorf("name a unit of a case: %w", err)
		}
		m.To = append(m.To, notify.To{Unit: u, Heads: true})
	}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return "", false, err
	}
	desk := notify.Message{Kind: "passing-new", Topic: "passing:" + ref, Link: "/o/passing/" + ref, Key: "passing-new-" + ref,
		To: []notify.To{{Body: org.BodySupervision}}, Args: map[string]string{"Ref": ref, "Issue": h.Ref, "What": "text:passing.kind-" + string(o.kind)}}
	if err := notify.Post(ctx, tx, s.now(), desk); err != nil {
		return "", false, err
	}
	return ref, true, record.Append(ctx, tx, by, "passing.opened", "passing:"+ref, map[string]any{"kind": o.kind, "issue": h.Ref})
}

// OpenObstacle is the supervision office's own opening of a case about an obstacle or
// an arbitrary fee, fine or inspection that a company reported. It returns the case's
// number; the same issue has one.
func (s *Store) OpenObstacle(ctx context.Context, by org.Actor, issue string, unit org.UnitID, why string) (string, error) {
	if by.Role != org.RoleSupervision {
		return "", fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("why", why, MinText, MaxText)
	all, err := histories(ctx, s.db, `i.ref = $1`, issue)
	if err != nil {
		return "", err
	}
	if len(all) == 0 || len(all[0].Steps) == 0 {
		f.Add("issue", "passing.issue-unknown")
	}
	var known bool
	if err := s.db.GetContext(ctx, &known, `SELECT EXISTS (SELECT FROM units WHERE id = $1 AND active)`, unit); err != nil {
		return "", fmt.Errorf("look for the unit: %w", err)
	}
	if !known {
		f.Add("unit", "passing.unit-missing")
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	var ref string
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		ref, _, err = s.open(ctx, tx, by, all[0], opening{kind: KindObstacle, anchor: all[0].Steps[0].Event, units: []org.UnitID{unit}, why: why})
		return err
	})
	return ref, err
}

// CaseFilter narrows the list of cases.
type CaseFilter struct {
	State string
	Kind  Kind
	Page  int
	Size  int
}

// Cases returns a page of the cases the actor may see, those that wait first, and how
// many there are.
func (s *Store) Cases(ctx context.Context, by org.Actor, f CaseFilter) ([]Case, int, error) {
	unit, upheld := org.UnitID(0), false
	switch {
	case duty(by):
	case by.Is(org.RoleHead, org.RoleOfficer):
		unit = by.Unit
	case by.IsLeader():
		upheld = true
	default:
		return nil, 0, fault.ErrNotFound
	}
	const where = `WHERE ($1 = 0 OR EXISTS (SELECT FROM passing_units u WHERE u.case_id = c.id AND u.unit_id = $1)) AND (NOT $2 OR c.finding = 'upheld')
		AND ($3 = '' OR c.state = $3) AND ($4 = '' OR c.kind = $4)`
	args := []any{unit, upheld, f.State, f.Kind}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM passing_cases c `+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count cases: %w", err)
	}
	var out []Case
	q := `SELECT ` + caseColumns + where + ` ORDER BY c.state = 'told', c.reply_due, c.id LIMIT $5 OFFSET $6`
	if err := s.db.SelectContext(ctx, &out, q, append(args, f.Size, max(0, f.Page-1)*f.Size)...); err != nil {
		return nil, 0, fmt.Errorf("list cases: %w", err)
	}
	return out, total, s.fillUnits(ctx, s.db, out)
}

func (s *Store) fillUnits(ctx context.Context, db sqlx.QueryerContext, cases []Case) error {
	at, ids := map[CaseID]*Case{}, make([]CaseID, len(cases))
	for i := range cases {
		ids[i] = cases[i].ID
		at[ids[i]] = &cases[i]
	}
	const q = `SELECT p.case_id, p.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", p.reply, p.replied_at
		FROM passing_units p JOIN units u ON u.id = p.unit_id WHERE p.case_id = ANY($1) ORDER BY p.case_id, p.unit_id`
	var all []CaseUnit
	if err := sqlx.SelectContext(ctx, db, &all, q, pq.Array(ids)); err != nil {
		return fmt.Errorf("read the units of cases: %w", err)
	}
	for _, u := range all {
		at[u.Case].Units = append(at[u.Case].Units, u)
	}
	return nil
}

// Case returns one case to those who may see it. Another unit's reply is not shown to
// a unit while replies are open: each speaks for itself.
func (s *Store) Case(ctx context.Context, by org.Actor, ref string) (Case, error) {
	var list []Case
	if err := s.db.SelectContext(ctx, &list, `SELECT `+caseColumns+`WHERE c.ref = $1`, ref); err != nil {
		return Case{}, fmt.Errorf("read case: %w", err)
	}
	if err := s.fillUnits(ctx, s.db, list); err != nil {
		return Case{}, err
	}
	if len(list) == 0 || !list[0].MaySee(by) {
		return Case{}, fault.ErrNotFound
	}
	c := list[0]
	if by.Is(org.RoleHead, org.RoleOfficer) && c.State == Suspected {
		for i := range c.Units {
			if c.Units[i].Unit != by.Unit {
				c.Units[i].Reply = ""
			}
		}
	}
	return c, nil
}

// Evidence returns the history behind a case, its index and its claims. Of an
// obstacle the claim is the complaint itself.
func (s *Store) Evidence(ctx context.Context, c Case) (History, Index, []Claim, error) {
	all, err := histories(ctx, s.db, `i.id = $1`, c.Issue)
	if err != nil || len(all) == 0 {
		return History{}, Index{}, nil, err
	}
	asOf := s.now()
	if c.FoundAt != nil {
		asOf = *c.FoundAt // the page keeps what the finding saw
	}
	h := all[0]
	h.Steps = slices.DeleteFunc(h.Steps, func(st Step) bool { return st.At.After(asOf) })
	x, err := s.measured(ctx, h, asOf)
	if err != nil {
		return h, x, nil, err
	}
	switch c.Kind {
	case KindRefusal:
		var quote string
		var to org.UnitID
		for _, st := range h.Steps {
			if st.Event == c.Anchor {
				quote, to = st.Text, st.Unit
			}
		}
		return h, x, []Claim{{Kind: "refused", Events: append(lastBefore(h.Steps, actArbitrate, c.Anchor), c.Anchor), To: to, Quote: quote}}, nil
	case KindObstacle:
		return h, x, []Claim{{Kind: "complaint", Events: []int64{c.Anchor}, Quote: c.OpenedWhy}}, nil
	}
	known, err := s.owners(ctx)
	if err != nil {
		return h, x, nil, err
	}
	return h, x, Claims(x, func(clause string) []org.UnitID { return known[normalClause(clause)] }), nil
}

// lastBefore finds the last step of a kind before an event.
func lastBefore(steps []Step, kind any, event int64) []int64 {
	var out []int64
	for _, st := range steps {
		if st.Kind == kind && st.Event < event {
			out = []int64{st.Event}
		}
	}
	return out
}

// LongChains returns the histories that reach the threshold without a return: no case
// against anyone, but worth a look.
func (s *Store) LongChains(ctx context.Context, by org.Actor) ([]History, []Index, error) {
	if !duty(by) {
		return nil, nil, fault.ErrNotFound
	}
	all, err := histories(ctx, s.db, `i.state NOT IN ('closed', 'withdrawn', 'merged') AND EXISTS (SELECT FROM issue_events e WHERE e.issue_id = i.id AND e.kind = 'propose')`)
	if err != nil {
		return nil, nil, err
	}
	var out []History
	var indexes []Index
	for _, h := range all {
		x, err := s.measured(ctx, h, s.now())
		if err != nil {
			return nil, nil, err
		}
		if x.Value() >= Threshold && x.Returns == 0 {
			out, indexes = append(out, h), append(indexes, x)
		}
	}
	return out, indexes, nil
}

// YearCount is what is published of a year: how many cases and findings.
type YearCount struct {
	Year   int  `db:"year"`
	Kind   Kind `db:"kind"`
	Opened int  `db:"opened"`
	Upheld int  `db:"upheld"`
	Not    int  `db:"not_upheld"`
	Gap    int  `db:"gap"`
	Told   int  `db:"told"`
}

// Counts returns the published count of cases by year and kind: no unit, no company.
func (s *Store) Counts(ctx context.Context) ([]YearCount, error) {
	var out []YearCount
	const q = `SELECT extract(year FROM opened_at AT TIME ZONE 'Asia/Shanghai')::int AS year, kind, count(*) AS opened, count(*) FILTER (WHERE finding = 'upheld') AS upheld,
			count(*) FILTER (WHERE finding = 'not') AS not_upheld, count(*) FILTER (WHERE finding = 'gap') AS gap, count(*) FILTER (WHERE state = 'told') AS told
		FROM passing_cases GROUP BY 1, 2 ORDER BY 1 DESC, array_position(ARRAY['loop', 'refusal', 'obstacle'], kind)`
	if err := s.db.SelectContext(ctx, &out, q); err != nil {
		return nil, fmt.Errorf("count cases of the years: %w", err)
	}
	return out, nil
}

// Waiting counts the cases that wait for the actor.
func (s *Store) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	const q = `SELECT count(*) FROM passing_cases c WHERE CASE
		WHEN $1 = 'supervision' THEN c.state IN ('found', 'decided') AND (c.state = 'decided' OR c.finding <> 'upheld') OR c.state = 'suspected' AND (c.reply_due <= $3
			OR NOT EXISTS (SELECT FROM passing_units u WHERE u.case_id = c.id AND u.replied_at IS NULL))
		WHEN $1 = 'unit' THEN c.state = 'suspected' AND c.reply_due > $3 AND EXISTS (SELECT FROM passing_units u WHERE u.case_id = c.id AND u.unit_id = $2 AND u.replied_at IS NULL)
		WHEN $1 = 'signer' THEN c.state = 'found' AND c.finding = 'upheld' ELSE false END`
	who := ""
	switch {
	case by.Role == org.RoleSupervision:
		who = "supervision"
	case by.Is(org.RoleHead, org.RoleOfficer):
		who = "unit"
	case by.MaySign():
		who = "signer"
	default:
		return nil, nil
	}
	var n int
	if err := s.db.GetContext(ctx, &n, q, who, by.Unit, s.now()); err != nil {
		return nil, fmt.Errorf("count cases that wait: %w", err)
	}
	return map[string]int{"passing": n}, nil
}

// locked reads a case for an act, its row locked.
func (s *Store) locked(ctx context.Context, tx *sqlx.Tx, ref string) (Case, error) {
	var list []Case
	if err := tx.SelectContext(ctx, &list, `SELECT `+caseColumns+`WHERE c.ref = $1 FOR UPDATE OF c`, ref); err != nil {
		return Case{}, fmt.Errorf("lock case: %w", err)
	}
	if len(list) == 0 {
		return Case{}, fault.ErrNotFound
	}
	err := s.fillUnits(ctx, tx, list)
	return list[0], err
}

// tellBy is the last day on which the investor is to be told, from today.
func (s *Store) tellBy(ctx context.Context) (time.Time, any, error) {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return time.Time{}, nil, err
	}
	due, _ := cal.Add(s.today(), DaysTell)
	return due.End(), due, nil
}
