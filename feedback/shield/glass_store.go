package shield

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const glassColumns = `g.id, g.asked_by, a.name AS asker, b.kind, g.purpose, g.reason, g.case_no, g.asked_at, g.state, coalesce(d.name, '') AS decider, g.decided_at, g.refusal,
	g.until_at, coalesce(to_char(g.tell_on, 'YYYY-MM-DD'), '') AS tell_on, g.deferred_why, g.told_at, (SELECT count(*) FROM glass_views v WHERE v.request_id = g.id) AS views
	FROM glass_requests g JOIN accounts a ON a.id = g.asked_by JOIN bodies b ON b.id = g.body_id LEFT JOIN accounts d ON d.id = g.decided_by `

// AskGlass asks for named data. Another office decides.
func (s *Store) AskGlass(ctx context.Context, by org.Actor, d GlassDraft, idem string) error {
	if !asks(by) {
		return fault.ErrForbidden
	}
	slices.Sort(d.Refs)
	d.Refs = slices.Compact(d.Refs)
	f := d.check()
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, idem); err != nil {
			return err
		}
		var known bool
		if err := tx.GetContext(ctx, &known, `SELECT EXISTS (SELECT FROM glass_requests WHERE idem = $1)`, idem); err != nil || known {
			return err
		}
		var id int64
		const q = `INSERT INTO glass_requests (asked_by, body_id, purpose, reason, case_no, asked_at, idem) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`
		if err := tx.GetContext(ctx, &id, q, by.Account, by.Body, d.Purpose, d.Reason, d.CaseNo, s.now(), idem); err != nil {
			return fmt.Errorf("ask for named data: %w", err)
		}
		// a leader asks about what he may see at all: issues that came before the group
		const objects = `INSERT INTO glass_objects (request_id, issue_id) SELECT $1, id FROM issues WHERE ref = ANY($2) AND company_id IS NOT NULL AND ($3 OR queued_at IS NOT NULL)`
		res, err := tx.ExecContext(ctx, objects, id, pq.Array(d.Refs), watches(by))
		if err != nil {
			return fmt.Errorf("name the issues: %w", err)
		}
		if n, _ := res.RowsAffected(); int(n) != len(d.Refs) {
			return fault.Field("refs", "glass.refs-unknown")
		}
		m := notify.Message{Kind: "glass-asked", Link: "/o/glass", Key: fmt.Sprintf("glass-asked-%d", id), To: []notify.To{{Body: org.BodySupervision}}, Args: map[string]string{"Case": d.CaseNo}}
		if watches(by) {
			m.To = []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}
		}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "glass.asked", fmt.Sprintf("glass:%d", id), map[string]any{"purpose": d.Purpose, "objects": len(d.Refs)})
	})
}

// DecideGlass grants a request for an hour from now, or refuses it with a reason. That
// the password was checked just before is the caller's part.
func (s *Store) DecideGlass(ctx context.Context, by org.Actor, id int64, grant bool, refusal string) error {
	f := fault.Fields{}
	if !grant {
		f.Length("refusal", refusal, 5, MaxText)
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		g, err := lockGlass(ctx, tx, id)
		if err != nil {
			return err
		}
		if !decides(by, g) {
			if asks(by) || by.IsOffice() {
				return ErrSameDesk
			}
			return fault.ErrNotFound
		}
		if g.State != "asked" {
			return ErrGlass
		}
		state, until, tell := "refused", any(nil), any(nil)
		if grant {
			state, until, tell, refusal = "granted", s.now().Add(GlassTime), s.today().AddDays(GlassNotice), ""
		}
		const q = `UPDATE glass_requests SET state = $2, decided_by = $3, decided_at = $4, refusal = $5, until_at = $6, tell_on = $7 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, state, by.Account, s.now(), refusal, until, tell); err != nil {
			return fmt.Errorf("decide on named data: %w", err)
		}
		link := "/o/glass"
		if g.Kind == org.BodyLeadingGroup {
			link = "/l/glass"
		}
		m := notify.Message{Kind: "glass-decided", Link: link, Key: fmt.Sprintf("glass-decided-%d", id), To: []notify.To{{Account: g.By}}, Args: map[string]string{"Case": g.CaseNo, "Word": "text:glass.state-" + state}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "glass."+state, fmt.Sprintf("glass:%d", id), nil)
	})
}

func lockGlass(ctx context.Context, tx *sqlx.Tx, id int64) (GlassRequest, error) {
	var list []GlassRequest
	if err := tx.SelectContext(ctx, &list, `SELECT `+glassColumns+`WHERE g.id = $1 FOR UPDATE OF g`, id); err != nil {
		return GlassRequest{}, fmt.Errorf("lock request: %w", err)
	}
	if len(list) == 0 {
		return GlassRequest{}, fault.ErrNotFound
	}
	return list[0], nil
}

// OpenGlass shows one issue with its company's name to who asked, while the grant
// runs. The view and its entry in the audit log are committed before anything is read:
// if they cannot be written, nothing is shown. Attempts without a grant are recorded,
// too.
func (s *Store) OpenGlass(ctx context.Context, by org.Actor, id int64, ref string) (Named, error) {
	if !asks(by) {
		return Named{}, fault.ErrForbidden
	}
	var issue int64
	var denied error
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		g, err := lockGlass(ctx, tx, id)
		if err != nil {
			return err
		}
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, `SELECT o.issue_id FROM glass_objects o JOIN issues i ON i.id = o.issue_id WHERE o.request_id = $1 AND i.ref = $2`, id, ref); err != nil {
			return fmt.Errorf("look for the issue: %w", err)
		}
		if g.By != by.Account || !g.Open(s.now()) || len(ids) == 0 {
			denied = ErrNoGrant
			return record.Append(ctx, tx, by, "glass.denied", fmt.Sprintf("glass:%d", id), map[string]any{"issue": ref})
		}
		issue = ids[0]
		if _, err := tx.ExecContext(ctx, `INSERT INTO glass_views (request_id, issue_id, account_id, at) VALUES ($1, $2, $3, $4)`, id, issue, by.Account, s.now()); err != nil {
			return fmt.Errorf("note the view: %w", err)
		}
		return record.Append(ctx, tx, by, "glass.opened", fmt.Sprintf("glass:%d", id), map[string]any{"issue": ref})
	})
	if err != nil {
		return Named{}, err
	}
	if denied != nil {
		return Named{}, denied
	}
	var n Named
	const q = `SELECT i.ref, i.title, i.body, i.wish, i.place, i.lang, i.raised_at, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru",
		c.licence, c.head_name, c.phone FROM issues i JOIN companies c ON c.id = i.company_id WHERE i.id = $1`
	if err := s.db.GetContext(ctx, &n, q, issue); err != nil {
		return Named{}, fmt.Errorf("read named data: %w", err)
	}
	return n, nil
}

// GlassRequests returns the requests the actor made or decides on, refused ones
// included, the latest first.
func (s *Store) GlassRequests(ctx context.Context, by org.Actor) ([]GlassRequest, error) {
	if !asks(by) && !by.IsOffice() {
		return nil, fault.ErrNotFound
	}
	var out []GlassRequest
	const q = `SELECT ` + glassColumns + `WHERE g.asked_by = $1 OR $2 OR $3 AND b.kind = 'supervision' ORDER BY g.state <> 'asked', g.asked_at DESC, g.id DESC LIMIT 100`
	if err := s.db.SelectContext(ctx, &out, q, by.Account, watches(by), by.IsOffice()); err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	for i := range out {
		if err := s.db.SelectContext(ctx, &out[i].Refs, `SELECT i.ref FROM glass_objects o JOIN issues i ON i.id = o.issue_id WHERE o.request_id = $1 ORDER BY i.ref`, out[i].ID); err != nil {
			return nil, fmt.Errorf("read the issues of a request: %w", err)
		}
	}
	return out, nil
}

// DeferGlass puts off telling the companies to a later day, with the reason; the
// supervision office may, once told it cannot be taken back.
func (s *Store) DeferGlass(ctx context.Context, by org.Actor, id int64, on, why string) error {
	if !watches(by) {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("why", why, MinText, MaxText)
	day, err := calendar.ParseDate(on)
	if err != nil || day <= s.today() || day > s.today().AddDays(MaxDefer) {
		f.Add("on", "glass.defer-date")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		g, err := lockGlass(ctx, tx, id)
		if err != nil {
			return err
		}
		if g.State != "granted" || g.Told != nil {
			return ErrGlass
		}
		if _, err := tx.ExecContext(ctx, `UPDATE glass_requests SET tell_on = $2, deferred_why = $3 WHERE id = $1`, id, day, why); err != nil {
			return fmt.Errorf("defer: %w", err)
		}
		return record.Append(ctx, tx, by, "glass.deferred", fmt.Sprintf("glass:%d", id), map[string]any{"until": day})
	})
}

// TellGlass is what the clock does: companies whose issues were opened are told when
// the time has come, and the chamber gets the count of the month that ended.
func (s *Store) TellGlass(ctx context.Context) error {
	var due []int64
	if err := s.db.SelectContext(ctx, &due, `SELECT id FROM glass_requests WHERE state = 'granted' AND told_at IS NULL AND tell_on <= $1`, s.today()); err != nil {
		return fmt.Errorf("look for companies to tell: %w", err)
	}
	for _, id := range due {
		if err := s.tellGlass(ctx, id); err != nil {
			return err
		}
	}
	return s.monthGlass(ctx)
}

func (s *Store) tellGlass(ctx context.Context, id int64) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		g, err := lockGlass(ctx, tx, id)
		if err != nil || g.Told != nil || g.TellOn > s.today() {
			return err
		}
		var seen []struct {
			Ref     string        `db:"ref"`
			Company org.CompanyID `db:"company_id"`
		}
		if err := tx.SelectContext(ctx, &seen, `SELECT DISTINCT i.ref, i.company_id FROM glass_views v JOIN issues i ON i.id = v.issue_id WHERE v.request_id = $1`, id); err != nil {
			return fmt.Errorf("read what was opened: %w", err)
		}
		for _, x := range seen {
			m := notify.Message{Kind: "glass-told", Topic: "issue:" + x.Ref, Link: "/c/issues/" + x.Ref, Key: fmt.Sprintf("glass-told-%d-%s", id, x.Ref), To: []notify.To{{Company: x.Company}},
				Args: map[string]string{"Issue": x.Ref, "Body": "body:" + string(g.Kind), "Purpose": "text:glass.purpose-" + g.Purpose, "Date": "date:" + string(calendar.DateOf(*g.Decided))}}
			if err := notify.Post(ctx, tx, s.now(), m); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE glass_requests SET told_at = $2 WHERE id = $1`, id, s.now()); err != nil {
			return fmt.Errorf("note that companies were told: %w", err)
		}
		return record.Append(ctx, tx, org.Portal, "glass.told", fmt.Sprintf("glass:%d", id), map[string]any{"issues": len(seen)})
	})
}

// GlassMonth is the count of a month: no names, no purposes.
type GlassMonth struct {
	Month   string `db:"month"`
	Asked   int    `db:"asked"`
	Granted int    `db:"granted"`
	Refused int    `db:"refused"`
	Issues  int    `db:"issues"` // opened, each once
}

// GlassMonths returns the counts of the last twelve months to those who ask, decide or
// represent companies.
func (s *Store) GlassMonths(ctx context.Context, by org.Actor) ([]GlassMonth, error) {
	if !asks(by) && !by.IsOffice() && by.Role != org.RoleChamber {
		return nil, fault.ErrNotFound
	}
	return s.months(ctx, s.db)
}

func (s *Store) months(ctx context.Context, db sqlx.QueryerContext) ([]GlassMonth, error) {
	var out []GlassMonth
	const q = `SELECT to_char(g.asked_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month, count(*) AS asked, count(*) FILTER (WHERE g.state = 'granted') AS granted,
			count(*) FILTER (WHERE g.state = 'refused') AS refused, coalesce(sum((SELECT count(DISTINCT v.issue_id) FROM glass_views v WHERE v.request_id = g.id)), 0)::int AS issues
		FROM glass_requests g WHERE g.asked_at > $1 GROUP BY 1 ORDER BY 1 DESC`
	if err := sqlx.SelectContext(ctx, db, &out, q, s.now().AddDate(-1, 0, 0)); err != nil {
		return nil, fmt.Errorf("count requests: %w", err)
	}
	return out, nil
}

// monthGlass tells the chamber the count of the month that ended, once; nothing where
// nothing was ever asked.
func (s *Store) monthGlass(ctx context.Context) error {
	month := s.now().In(calendar.Shanghai)
	last := time.Date(month.Year(), month.Month(), 0, 0, 0, 0, 0, calendar.Shanghai).Format("2006-01")
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var told, any bool
		if err := tx.GetContext(ctx, &told, `SELECT EXISTS (SELECT FROM messages WHERE key = $1)`, "glass-month-"+last); err != nil {
			return fmt.Errorf("look for the month's message: %w", err)
		}
		if err := tx.GetContext(ctx, &any, `SELECT EXISTS (SELECT FROM glass_requests)`); err != nil {
			return fmt.Errorf("look for requests: %w", err)
		}
		if told || !any {
			return nil
		}
		m := GlassMonth{Month: last}
		all, err := s.months(ctx, tx)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.Month == last {
				m = x
			}
		}
		return notify.Post(ctx, tx, s.now(), notify.Message{Kind: "glass-month", Link: "/o/glass/months", Key: "glass-month-" + last, To: []notify.To{{Body: org.BodyChamber}},
			Args: map[string]string{"Month": last, "Asked": fmt.Sprint(m.Asked), "Granted": fmt.Sprint(m.Granted), "Refused": fmt.Sprint(m.Refused), "Issues": fmt.Sprint(m.Issues)}})
	})
}
