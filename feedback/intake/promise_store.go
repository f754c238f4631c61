package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const promiseColumns = `SELECT p.ref, p.company_id, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru",
	p.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", p.kind, p.text, p.promised_by,
	to_char(p.promised_on, 'YYYY-MM-DD') AS promised_on, to_char(p.due_on, 'YYYY-MM-DD') AS due_on, p.evidence, p.state, p.ruling, p.report, p.reported_at, p.verdict, p.fulfilled_at,
	p.state IN ('open', 'reported') AND p.due_on < $2::date AS overdue, coalesce(p.finding, '') AS finding, p.finding_text, coalesce(z.ref, '') AS policy, coalesce(p.policy_version, 0) AS policy_version,
	coalesce(v.title_zh, '') AS "policy_title.name_zh", coalesce(v.title_en, '') AS "policy_title.name_en", coalesce(v.title_ru, '') AS "policy_title.name_ru"
	FROM promises p JOIN companies c ON c.id = p.company_id JOIN units u ON u.id = p.unit_id
	LEFT JOIN policies z ON z.id = p.policy_id LEFT JOIN policy_versions v ON v.policy_id = p.policy_id AND v.version = p.policy_version `

// promiseScope limits promises to what the actor may see: to a company those made to
// it; to a unit those it has to keep, once an office found that they were made.
func promiseScope(a org.Actor) (where string, arg any, ok bool) {
	switch {
	case a.Role == org.RoleCompany:
		return `p.company_id = $1`, a.Company, true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return `p.unit_id = $1 AND p.state NOT IN ('claimed', 'rejected')`, a.Unit, true
	case duty(a):
		return `$1::bigint IS NOT NULL`, 0, true
	}
	return "", nil, false
}

// Enter puts a promise on record and returns its number: entered by an office it
// stands, entered by the company it was made to it waits for an office to find that
// it was made. The same idem returns the same number.
func (s *Store) Enter(ctx context.Context, by org.Actor, d PromiseDraft, idem string) (string, error) {
	state := "open"
	switch {
	case by.Role == org.RoleCompany:
		state, d.Company = "claimed", by.Company
	case !by.IsOffice():
		return "", fault.ErrForbidden
	}
	on, due, err := d.check(s.today())
	if err != nil {
		return "", err
	}
	var ref string
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, idem); err != nil {
			return err
		}
		err := tx.GetContext(ctx, &ref, `SELECT ref FROM promises WHERE idem = $1`, idem)
		if err == nil {
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for the promise: %w", err)
		}
		if err := policyKnown(ctx, tx, d.Policy); err != nil {
			return err
		}
		if ref, err = number(ctx, tx, "promise", "CN-%d-%03d", s.today().Year()); err != nil {
			return err
		}
		const q = `INSERT INTO promises (ref, company_id, unit_id, kind, text, promised_by, promised_on, due_on, evidence, entered_by, entered_at, state, upheld_by, upheld_at, idem, policy_id, policy_version)
			SELECT $1, $2::bigint, u.id, $4, $5, $6, $7::date, $8::date, $9, $10::bigint, $11::timestamptz, $12::text,
				CASE WHEN $12 = 'open' THEN $10::bigint END, CASE WHEN $12 = 'open' THEN $11::timestamptz END, $13, z.id, z.last_version FROM units u LEFT JOIN policies z ON z.ref = $14 WHERE u.id = $3 AND u.active`
		res, err := tx.ExecContext(ctx, q, ref, d.Company, d.Unit, d.Kind, d.Text, d.By, on, due, d.Evidence, by.Account, s.now(), state, idem, d.Policy)
		if err != nil {
			return fmt.Errorf("enter promise: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return fault.Field("unit", "suggestion.unit-missing")
		}
		p := Promise{Ref: ref, Company: d.Company, Unit: d.Unit, State: state}
		return s.promised(ctx, tx, by, p, "entered")
	})
	return ref, err
}

// policyKnown refuses a number that no policy has.
func policyKnown(ctx context.Context, tx *sqlx.Tx, ref string) error {
	var ok bool
	if err := tx.GetContext(ctx, &ok, `SELECT $1 = '' OR EXISTS (SELECT FROM policies WHERE ref = $1)`, ref); err != nil {
		return fmt.Errorf("look for the policy: %w", err)
	}
	if !ok {
		return fault.Field("policy", "promise.policy-missing")
	}
	return nil
}

// promised notes a step and tells whose turn it is.
func (s *Store) promised(ctx context.Context, tx *sqlx.Tx, by org.Actor, p Promise, step string) error {
	m := notify.Message{Kind: "promise-" + p.State, Topic: "promise:" + p.Ref, Args: map[string]string{"Ref": p.Ref}, Key: fmt.Sprintf("promise-%s-%s-%d", p.Ref, p.State, s.now().UnixNano())}
	switch p.State {
	case "claimed":
		m.To, m.Link = []notify.To{{Body: org.BodyGovernmentOffice}}, "/o/promises/"+p.Ref
	case "open", "fulfilled":
		m.To, m.Link = []notify.To{{Unit: p.Unit}}, "/d/promises/"+p.Ref
	default: // rejected, reported
		m.To, m.Link = []notify.To{{Company: p.Company}}, "/c/promises/"+p.Ref
	}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	return record.Append(ctx, tx, by, "promise."+step, "promise:"+p.Ref, map[string]any{"state": p.State})
}

// Promises returns a page of the promises the actor may see, overdue ones first, then
// by their day; overdue: those alone. Kept and rejected ones come last.
func (s *Store) Promises(ctx context.Context, by org.Actor, overdue bool, page, size int) ([]Promise, int, error) {
	scope, arg, ok := promiseScope(by)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	where := `WHERE ` + scope + ` AND $2::date IS NOT NULL AND (NOT $3 OR p.state IN ('open', 'reported') AND p.due_on < $2::date)`
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM promises p `+where, arg, s.today(), overdue); err != nil {
		return nil, 0, fmt.Errorf("count promises: %w", err)
	}
	var out []Promise
	const order = ` ORDER BY p.state IN ('fulfilled', 'rejected'), p.due_on, p.id`
	if err := s.db.SelectContext(ctx, &out, promiseColumns+`WHERE p.id IN (SELECT p.id FROM promises p `+where+order+` LIMIT $4 OFFSET $5)`+order, arg, s.today(), overdue, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list promises: %w", err)
	}
	return out, total, s.markBroken(ctx, out)
}

// markBroken marks promises that are overdue by more than BrokenAfter working days.
func (s *Store) markBroken(ctx context.Context, list []Promise) error {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		last, _ := cal.Add(list[i].Due, BrokenAfter)
		list[i].Broken = list[i].Overdue && s.today() > last
	}
	return nil
}

// Promise returns one promise to those who may see it; ErrNotFound to others.
func (s *Store) Promise(ctx context.Context, by org.Actor, ref string) (Promise, error) {
	p, err := s.promise(ctx, s.db, by, ref, "")
	if err != nil {
		return p, err
	}
	one := []Promise{p}
	err = s.markBroken(ctx, one)
	return one[0], err
}

func (s *Store) promise(ctx context.Context, db sqlx.QueryerContext, by org.Actor, ref, lock string) (Promise, error) {
	scope, arg, ok := promiseScope(by)
	if !ok {
		return Promise{}, fault.ErrNotFound
	}
	var p Promise
	err := sqlx.GetContext(ctx, db, &p, promiseColumns+`WHERE `+scope+` AND p.ref = $3`+lock, arg, s.today(), ref)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.ErrNotFound
	}
	if err != nil {
		return p, fmt.Errorf("read promise: %w", err)
	}
	return p, nil
}

// Step does a step to a promise: uphold (yes or no, with the ground), report (how it
// was kept), confirm (yes, or no with what is missing). Only the investor's yes makes
// it fulfilled.
func (s *Store) Step(ctx context.Context, by org.Actor, ref, step string, yes bool, text string) error {
	least := MinReason
	if step == "confirm" && yes {
		least = 0
	}
	f := fault.Fields{}
	f.Length("text", text, least, MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	next := map[string][2]string{"uphold": {"rejected", "open"}, "report": {"reported", "reported"}, "confirm": {"open", "fulfilled"}}[step]
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		p, err := s.promise(ctx, tx, by, ref, ` FOR UPDATE OF p`)
		if err != nil {
			return err
		}
		if !p.May(by, step) {
			return ErrMoved
		}
		p.State = next[0]
		if yes {
			p.State = next[1]
		}
		const q = `UPDATE promises SET state = $2,
			ruling = CASE WHEN $3 = 'uphold' THEN $4 ELSE ruling END, upheld_by = CASE WHEN $3 = 'uphold' AND $5 THEN $6::bigint ELSE upheld_by END, upheld_at = CASE WHEN $3 = 'uphold' AND $5 THEN $7::timestamptz ELSE upheld_at END,
			report = CASE WHEN $3 = 'report' THEN $4 ELSE report END, reported_at = CASE WHEN $3 = 'report' THEN $7::timestamptz ELSE reported_at END,
			verdict = CASE WHEN $3 = 'confirm' THEN $4 ELSE verdict END, fulfilled_at = CASE WHEN $2 = 'fulfilled' THEN $7::timestamptz END WHERE ref = $1`
		if _, err := tx.ExecContext(ctx, q, ref, p.State, step, text, yes, by.Account, s.now()); err != nil {
			return fmt.Errorf("%s promise: %w", step, err)
		}
		return s.promised(ctx, tx, by, p, step)
	})
}

// PromiseFacts are the promises of a year that count against units (D8): upheld,
// overdue by more than BrokenAfter working days within the year, not confirmed.
func (s *Store) PromiseFacts(ctx context.Context, by org.Actor, year int) ([]Promise, error) {
	if !duty(by) && by.Role != org.RoleCampaignAdmin {
		return nil, fault.ErrNotFound
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return nil, err
	}
	until := min(s.today(), calendar.Date(fmt.Sprintf("%d-12-31", year)))
	var all, out []Promise
	q := promiseColumns + `WHERE p.upheld_at IS NOT NULL AND p.due_on BETWEEN $1::date AND $2::date AND (p.fulfilled_at IS NULL OR p.fulfilled_at >= $3) ORDER BY p.unit_id, p.id`
	if err := s.db.SelectContext(ctx, &all, q, fmt.Sprintf("%d-07-01", year-1), until, until.End()); err != nil {
		return nil, fmt.Errorf("read promises of the year: %w", err)
	}
	for _, p := range all {
		if last, _ := cal.Add(p.Due, BrokenAfter); last < until && last.Year() == year {
			p.Broken = true
			out = append(out, p)
		}
	}
	return out, nil
}

func (s *Store) findPromises(ctx context.Context, by org.Actor, q, _ string) (Found, error) {
	scope, arg, ok := promiseScope(by)
	if !ok {
		return Found{}, fault.ErrNotFound
	}
	var found []Promise
	stmt := promiseColumns + `WHERE ` + scope + ` AND (p.grams @@ gram_query($3) AND p.plain LIKE ALL (word_patterns($3)) OR p.ref = upper($3)) ORDER BY p.id DESC LIMIT $4`
	if err := s.db.SelectContext(ctx, &found, stmt, arg, s.today(), q, perKind+1); err != nil {
		return Found{}, fmt.Errorf("find promises: %w", err)
	}
	f := Found{Kind: "promise"}
	for _, p := range found {
		f.Hits = append(f.Hits, Hit{Kind: "promise", Ref: p.Ref, Title: Snippet(p.Text, q, 100)})
	}
	return f, nil
}
