package meeting

import (
	"context"
	"fmt"
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

// Invitation is a company's invitation to a meeting.
type Invitation struct {
	Meeting  ID            `db:"meeting_id"`
	Title    string        `db:"title"`
	Place    string        `db:"place"`
	Planned  calendar.Date `db:"planned_on"`
	HeldOn   calendar.Date `db:"held_on"`
	State    State         `db:"state"`
	Company  org.CompanyID `db:"company_id"`
	Name     org.Names     `db:"company"`
	Invited  time.Time     `db:"invited_at"`
	Answer   string        `db:"answer"` // yes, no, "" not answered
	Note     string        `db:"note"`
	Answered *time.Time    `db:"answered_at"`
}

const invitationColumns = `SELECT i.meeting_id, m.title, m.place, m.planned_on, m.held_on, m.state, i.company_id,
	c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", i.invited_at, coalesce(i.answer, '') AS answer, i.note, i.answered_at
	FROM invitations i JOIN meetings m ON m.id = i.meeting_id JOIN companies c ON c.id = i.company_id `

// Invitations returns who is invited to a meeting and what they answered.
func (s *Store) Invitations(ctx context.Context, by org.Actor, id ID) ([]Invitation, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	var out []Invitation
	if err := s.db.SelectContext(ctx, &out, invitationColumns+`WHERE i.meeting_id = $1 ORDER BY c.name_zh, c.id`, id); err != nil {
		return nil, fmt.Errorf("read invitations: %w", err)
	}
	return out, nil
}

// Forgotten is a company beside the day it was last invited.
type Forgotten struct {
	Company org.CompanyID `db:"id"`
	org.Names
	Last calendar.Date `db:"last"` // "": never
}

// Rotation returns the companies to be invited next, those never invited first, then by
// how long ago it was (S-28). late narrows it to those not invited within the county's
// term: the report of the forgotten.
func (s *Store) Rotation(ctx context.Context, by org.Actor, late bool, page, size int) ([]Forgotten, int, error) {
	if !Reads(by) && !by.Is(org.RoleChamber) {
		return nil, 0, fault.ErrNotFound
	}
	const from = `FROM companies c CROSS JOIN meeting_rules r LEFT JOIN LATERAL (SELECT max(invited_at) AS at FROM invitations WHERE company_id = c.id) x ON true
		WHERE c.active AND (NOT $1 OR x.at IS NULL OR x.at < $2::timestamptz - make_interval(months => r.invite_months)) `
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) `+from, late, s.now()); err != nil {
		return nil, 0, fmt.Errorf("count companies to invite: %w", err)
	}
	var out []Forgotten
	q := `SELECT c.id, c.name_zh, c.name_en, c.name_ru, (x.at AT TIME ZONE 'Asia/Shanghai')::date AS last ` + from + `ORDER BY x.at NULLS FIRST, c.id LIMIT $3 OFFSET $4`
	if err := s.db.SelectContext(ctx, &out, q, late, s.now(), size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list companies to invite: %w", err)
	}
	return out, total, nil
}

// Invite invites companies to an open-dialogue meeting that was not held yet; they are
// told and answer on their own page.
func (s *Store) Invite(ctx context.Context, by org.Actor, id ID, companies []org.CompanyID) error {
	if len(companies) == 0 {
		return fault.Field("companies", "meeting.invite-nobody")
	}
	return s.act(ctx, by, id, "invited", []State{Called}, func(tx *sqlx.Tx, m Meeting) error {
		if m.Kind != Dialogue {
			return ErrState
		}
		var ids, fresh []int64
		for _, c := range companies {
			ids = append(ids, int64(c))
		}
		const q = `INSERT INTO invitations (meeting_id, company_id, invited_at, invited_by)
			SELECT $1, id, $3, $4 FROM companies WHERE id = ANY($2) AND active ON CONFLICT DO NOTHING RETURNING company_id`
		if err := tx.SelectContext(ctx, &fresh, q, id, pq.Array(ids), s.now(), by.Account); err != nil || len(fresh) == 0 {
			return err
		}
		var to []notify.To
		for _, c := range fresh {
			to = append(to, notify.To{Company: org.CompanyID(c)})
		}
		return notify.Post(ctx, tx, s.now(), notify.Message{Kind: "meeting-invited", To: to, Topic: fmt.Sprintf("meeting:%d", id), Link: "/c/meetings",
			Args: map[string]string{"Title": m.Title, "Date": "date:" + string(m.Planned), "Place": m.Place}, Key: fmt.Sprintf("meeting-invited:%d", id)})
	})
}

// Mine returns the invitations of the actor's company, the next meeting first.
func (s *Store) Mine(ctx context.Context, by org.Actor) ([]Invitation, error) {
	if by.Role != org.RoleCompany {
		return nil, fault.ErrNotFound
	}
	var out []Invitation
	if err := s.db.SelectContext(ctx, &out, invitationColumns+`WHERE i.company_id = $1 ORDER BY m.state <> 'called', m.planned_on DESC LIMIT 50`, by.Company); err != nil {
		return nil, fmt.Errorf("read own invitations: %w", err)
	}
	return out, nil
}

// Said returns what the actor's company said at meetings and what came of it.
func (s *Store) Said(ctx context.Context, by org.Actor) ([]Item, error) {
	if by.Role != org.RoleCompany {
		return nil, fault.ErrNotFound
	}
	var out []Item
	if err := s.db.SelectContext(ctx, &out, itemColumns+`WHERE i.company_id = $1 ORDER BY i.id DESC LIMIT 50`, by.Company); err != nil {
		return nil, fmt.Errorf("read own items: %w", err)
	}
	return out, nil
}

// Answer is a company's answer to its invitation; it may change until the meeting is held.
func (s *Store) Answer(ctx context.Context, by org.Actor, id ID, answer, note string) error {
	if by.Role != org.RoleCompany {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	if answer != "yes" && answer != "no" {
		f.Add("answer", "meeting.choose")
	}
	f.Length("note", note, 0, maxPlace)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var state []State
		const lock = `SELECT m.state FROM invitations i JOIN meetings m ON m.id = i.meeting_id WHERE i.meeting_id = $1 AND i.company_id = $2 FOR UPDATE OF i`
		if err := tx.SelectContext(ctx, &state, lock, id, by.Company); err != nil {
			return fmt.Errorf("lock invitation: %w", err)
		}
		switch {
		case len(state) == 0:
			return fault.ErrNotFound
		case state[0] != Called:
			return ErrState
		}
		const q = `UPDATE invitations SET answer = $3, note = $4, answered_at = $5 WHERE meeting_id = $1 AND company_id = $2`
		if err := changed(tx.ExecContext(ctx, q, id, by.Company, answer, note, s.now())); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "meeting.answered", fmt.Sprintf("meeting:%d", id), map[string]any{"answer": answer})
	})
}
