package promotion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ErrLeadClosed: the lead has led to a contract or was dropped.
var ErrLeadClosed = fault.New(fault.Conflict, "lead.closed")

const leadQuery = `SELECT l.id, l.investor, l.about, l.source, coalesce(g.name, '') AS agent, coalesce(x.name, '') AS officer, to_char(l.received_on, 'YYYY-MM-DD') AS received_on,
	coalesce(l.contract_id, 0) AS contract_id, coalesce(c.no, '') AS no, coalesce(to_char(l.dropped_on, 'YYYY-MM-DD'), '') AS dropped_on, l.dropped_why
	FROM leads l LEFT JOIN agents g ON g.id = l.agent_id LEFT JOIN liaison_officers o ON o.id = l.officer_id LEFT JOIN accounts x ON x.id = o.account_id LEFT JOIN contracts c ON c.id = l.contract_id `

// Leads returns a page of the leads of a source ("": of all), the latest first, and how
// many there are.
func (s *Store) Leads(ctx context.Context, by org.Actor, source string, page, size int) ([]Lead, int, error) {
	if !ledger.Reads(by) {
		return nil, 0, fault.ErrNotFound
	}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM leads WHERE $1 = '' OR source = $1`, source); err != nil {
		return nil, 0, fmt.Errorf("count leads: %w", err)
	}
	var out []Lead
	if err := s.db.SelectContext(ctx, &out, leadQuery+`WHERE $1 = '' OR l.source = $1 ORDER BY l.received_on DESC, l.id DESC LIMIT $2 OFFSET $3`, source, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list leads: %w", err)
	}
	return out, total, nil
}

// Sources reports what the leads of each of the five linkages came to, in their order.
func (s *Store) Sources(ctx context.Context, by org.Actor) ([]SourceSum, error) {
	if !ledger.Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []SourceSum
	const q = `SELECT x.source, count(l.id) AS leads, count(c.id) AS contracts, coalesce(sum(c.amount), 0) AS amount, coalesce(sum(a.arrived), 0) AS arrived
		FROM unnest($1::text[]) WITH ORDINALITY x(source, position) LEFT JOIN leads l ON l.source = x.source
		LEFT JOIN contracts c ON c.id = l.contract_id AND c.kind = 'contract' AND c.purpose = 'investment' AND c.currency = 'CNY'
		LEFT JOIN LATERAL (SELECT sum(amount) AS arrived FROM arrivals WHERE contract_id = c.id AND struck_at IS NULL) a ON true
		GROUP BY x.source, x.position ORDER BY x.position`
	if err := s.db.SelectContext(ctx, &out, q, "{"+strings.Join(Sources, ",")+"}"); err != nil {
		return nil, fmt.Errorf("add up leads: %w", err)
	}
	return out, nil
}

// Lead enters a lead: by who keeps the ledger, or by a liaison officer in his term, to
// whom it is then attributed. An investor is one lead, attributed once and for good; an
// agent's mandate or an officer's term must cover the day. The same idem is the same lead.
func (s *Store) Lead(ctx context.Context, by org.Actor, d LeadDraft, idem string) (LeadID, error) {
	if !ledger.Keeps(by) {
		term, err := s.Term(ctx, by)
		if err != nil {
			return 0, err
		}
		d.Agent, d.Officer = 0, term.ID
	}
	on, f := d.check(s.today())
	if err := f.Err(); err != nil {
		return 0, err
	}
	var id LeadID
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		err := tx.GetContext(ctx, &id, `SELECT id FROM leads WHERE idem = $1`, idem)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var covered bool
		const term = `SELECT ($1 = 0 OR EXISTS (SELECT FROM agents WHERE id = $1 AND $3 BETWEEN from_on AND until_on))
			AND ($2 = 0 OR EXISTS (SELECT FROM liaison_officers WHERE id = $2 AND $3 BETWEEN from_on AND until_on))`
		if err := tx.GetContext(ctx, &covered, term, d.Agent, d.Officer, on); err != nil {
			return fmt.Errorf("look at the mandate: %w", err)
		}
		if !covered {
			return fault.Field("from", "lead.outside-term")
		}
		const q = `INSERT INTO leads (investor, investor_key, about, source, agent_id, officer_id, received_on, entered_by, entered_at, idem)
			VALUES ($1, $2, $3, $4, nullif($5, 0), nullif($6, 0), $7, $8, $9, $10) RETURNING id`
		err = tx.GetContext(ctx, &id, q, strings.TrimSpace(d.Investor), investorKey(d.Investor), strings.TrimSpace(d.About), d.Source, d.Agent, d.Officer, on, by.Account, s.now(), idem)
		if postgres.Violates(err, "leads_one_investor") {
			return fault.Field("investor", "lead.investor-taken")
		}
		if err != nil {
			return fmt.Errorf("enter lead: %w", err)
		}
		return record.Append(ctx, tx, by, "lead.entered", fmt.Sprintf("lead:%d", id), map[string]any{"source": d.Source, "agent": d.Agent, "officer": d.Officer})
	})
	return id, err
}

// closeLead ends an open lead by q, whose first argument is the lead.
func (s *Store) closeLead(ctx context.Context, by org.Actor, id LeadID, action string, detail map[string]any, q string, args ...any) error {
	if !ledger.Keeps(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, q+` WHERE id = $1 AND contract_id IS NULL AND dropped_on IS NULL`, append([]any{id}, args...)...)
		if postgres.Violates(err, "leads_contract_key") {
			return fault.Field("no", "lead.contract-taken")
		}
		if err != nil {
			return fmt.Errorf("close lead: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrLeadClosed)
		}
		return record.Append(ctx, tx, by, action, fmt.Sprintf("lead:%d", id), detail)
	})
}

// Succeed notes the row of the ledger a lead led to; a row comes of one lead.
func (s *Store) Succeed(ctx context.Context, by org.Actor, id LeadID, no string) error {
	var contract ledger.ContractID
	err := s.db.GetContext(ctx, &contract, `SELECT id FROM contracts WHERE no = $1`, strings.TrimSpace(no))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Field("no", "promotion.row-unknown")
	}
	if err != nil {
		return fmt.Errorf("find the ledger's row: %w", err)
	}
	return s.closeLead(ctx, by, id, "lead.succeeded", map[string]any{"contract": contract}, `UPDATE leads SET contract_id = $2`, contract)
}

// Drop notes that a lead came to nothing, and why.
func (s *Store) Drop(ctx context.Context, by org.Actor, id LeadID, why string) error {
	f := fault.Fields{}
	f.Length("why", strings.TrimSpace(why), minWords, maxText)
	if err := f.Err(); err != nil {
		return err
	}
	return s.closeLead(ctx, by, id, "lead.dropped", nil, `UPDATE leads SET dropped_on = $2, dropped_why = $3`, s.today(), strings.TrimSpace(why))
}

// Agents returns the agencies with their leads, those whose mandate runs longest first.
func (s *Store) Agents(ctx context.Context, by org.Actor) ([]Agent, error) {
	if !ledger.Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []Agent
	const q = `SELECT g.id, g.name, g.contact, g.mandate, g.territory, to_char(g.from_on, 'YYYY-MM-DD') AS from_on, to_char(g.until_on, 'YYYY-MM-DD') AS until_on,
			(SELECT count(*) FROM leads WHERE agent_id = g.id) AS leads, (SELECT count(contract_id) FROM leads WHERE agent_id = g.id) AS contracts
		FROM agents g ORDER BY g.until_on DESC, g.id`
	if err := s.db.SelectContext(ctx, &out, q); err != nil {
		return nil, fmt.Errorf("list agents: %w", err)
	}
	return out, nil
}

// Commission enters an agency with its mandate and term.
func (s *Store) Commission(ctx context.Context, by org.Actor, d AgentDraft, idem string) error {
	if !ledger.Keeps(by) {
		return fault.ErrForbidden
	}
	from, until, f := d.check()
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO agents (name, contact, mandate, territory, from_on, until_on, entered_by, entered_at, idem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT ON CONSTRAINT agents_idem_key DO NOTHING`
		if _, err := tx.ExecContext(ctx, q, strings.TrimSpace(d.Name), strings.TrimSpace(d.Contact), strings.TrimSpace(d.Mandate), strings.TrimSpace(d.Territory), from, until, by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("commission agent: %w", err)
		}
		return record.Append(ctx, tx, by, "agent.commissioned", "agents", map[string]any{"from": from, "until": until})
	})
}

const officerQuery = `SELECT o.id, o.account_id, x.name, o.kind, o.territory, o.industry, to_char(o.from_on, 'YYYY-MM-DD') AS from_on, to_char(o.until_on, 'YYYY-MM-DD') AS until_on,
	(SELECT count(*) FROM leads WHERE officer_id = o.id) AS leads, (SELECT count(contract_id) FROM leads WHERE officer_id = o.id) AS contracts,
	(SELECT count(*) FROM liaison_log WHERE officer_id = o.id) AS entries FROM liaison_officers o JOIN accounts x ON x.id = o.account_id `

// Officers returns the liaison officers and commissioners, present ones first.
func (s *Store) Officers(ctx context.Context, by org.Actor) ([]Officer, error) {
	if !ledger.Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []Officer
	if err := s.db.SelectContext(ctx, &out, officerQuery+`ORDER BY o.until_on DESC, o.id`); err != nil {
		return nil, fmt.Errorf("list officers: %w", err)
	}
	return out, nil
}

// Appoint makes an account a liaison officer or commissioner for a term.
func (s *Store) Appoint(ctx context.Context, by org.Actor, d OfficerDraft, idem string) error {
	if !ledger.Keeps(by) {
		return fault.ErrForbidden
	}
	from, until, f := d.check()
	var account org.AccountID
	err := s.db.GetContext(ctx, &account, `SELECT id FROM accounts WHERE login = $1`, strings.TrimSpace(d.Login))
	if errors.Is(err, sql.ErrNoRows) {
		f.Add("login", "lead.login-unknown")
	} else if err != nil {
		return fmt.Errorf("find the account: %w", err)
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO liaison_officers (account_id, kind, territory, industry, from_on, until_on, entered_by, entered_at, idem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT ON CONSTRAINT liaison_officers_idem_key DO NOTHING`
		if _, err := tx.ExecContext(ctx, q, account, d.Kind, strings.TrimSpace(d.Territory), strings.TrimSpace(d.Industry), from, until, by.Account, s.now(), idem); err != nil {
			return fmt.Errorf("appoint officer: %w", err)
		}
		m := notify.Message{Kind: "lead-appointed", To: []notify.To{{Account: account}}, Topic: "liaison", Link: "/liaison", Args: map[string]string{"From": string(from), "Until": string(until)}, Key: "lead-appointed-" + idem}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "officer.appointed", fmt.Sprintf("account:%d", account), map[string]any{"kind": d.Kind, "from": from, "until": until})
	})
}

// Term returns the actor's present term as liaison officer or commissioner; not found
// before it begins and from the day after it ends.
func (s *Store) Term(ctx context.Context, by org.Actor) (Officer, error) {
	var o Officer
	err := s.db.GetContext(ctx, &o, officerQuery+`WHERE o.account_id = $1 AND $2 BETWEEN o.from_on AND o.until_on ORDER BY o.until_on DESC, o.id LIMIT 1`, by.Account, s.today())
	if errors.Is(err, sql.ErrNoRows) {
		return o, fault.ErrNotFound
	}
	if err != nil {
		return o, fmt.Errorf("read the term: %w", err)
	}
	return o, nil
}

// Own returns the leads and the log of the actor's present term.
func (s *Store) Own(ctx context.Context, by org.Actor) (Officer, []Lead, []Entry, error) {
	o, err := s.Term(ctx, by)
	if err != nil {
		return o, nil, nil, err
	}
	var leads []Lead
	if err := s.db.SelectContext(ctx, &leads, leadQuery+`WHERE l.officer_id = $1 ORDER BY l.received_on DESC, l.id DESC`, o.ID); err != nil {
		return o, nil, nil, fmt.Errorf("read own leads: %w", err)
	}
	log, err := s.log(ctx, o.ID)
	return o, leads, log, err
}

func (s *Store) log(ctx context.Context, id OfficerID) ([]Entry, error) {
	var out []Entry
	if err := s.db.SelectContext(ctx, &out, `SELECT to_char(on_day, 'YYYY-MM-DD') AS on_day, text FROM liaison_log WHERE officer_id = $1 ORDER BY on_day DESC, id DESC`, id); err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return out, nil
}

// Log notes what the actor did in his present term on a day.
func (s *Store) Log(ctx context.Context, by org.Actor, on, what, idem string) error {
	o, err := s.Term(ctx, by)
	if err != nil {
		return err
	}
	f := fault.Fields{}
	d, err := calendar.ParseDate(on)
	switch {
	case err != nil:
		f.Add("day", "promotion.day-missing")
	case d > s.today():
		f.Add("day", "ledger.day-ahead")
	case !o.On(d):
		f.Add("day", "lead.outside-term")
	}
	f.Length("text", strings.TrimSpace(what), minWords, maxText)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO liaison_log (officer_id, on_day, text, entered_at, idem) VALUES ($1, $2, $3, $4, $5) ON CONFLICT ON CONSTRAINT liaison_log_idem_key DO NOTHING`
		if _, err := tx.ExecContext(ctx, q, o.ID, d, strings.TrimSpace(what), s.now(), idem); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		return record.Append(ctx, tx, by, "officer.logged", fmt.Sprintf("officer:%d", o.ID), nil)
	})
}
