package feedback

import (
	"context"
	"database/sql"
	"errors"
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

// aMember is how a member's act stands in the audit log: that a member did it, not
// which one.
var aMember = org.Actor{Role: org.RoleCompany}

// RaiseCollective files an issue of the chamber for several of its members and
// returns its number. The members are told; nobody outside the chamber learns who
// they are. The same idem returns the same number.
func (s *Store) RaiseCollective(ctx context.Context, by org.Actor, d CollectiveDraft, idem string) (string, error) {
	if by.Role != org.RoleChamber {
		return "", fault.ErrForbidden
	}
	d.NameShown = "unit" // the chamber's name, which is no secret
	_, f := d.Check(s.today())
	switch n := len(d.Members); {
	case n < 2:
		f.Add("members", "collective.members-few")
	case n > MaxMembers:
		f.Add("members", "collective.members-many", "Count", MaxMembers)
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	return s.raise(ctx, by, FromChamber, d.IssueDraft, idem, func(tx *sqlx.Tx, id IssueID, ref string) error {
		const q = `INSERT INTO collective_members (issue_id, company_id, joined_at)
			SELECT DISTINCT $1::bigint, m.company_id, $3::timestamptz FROM chamber_members m JOIN companies c ON c.id = m.company_id
			WHERE m.company_id = ANY($2) AND m.until_on IS NULL AND c.active RETURNING company_id`
		var members []org.CompanyID
		if err := tx.SelectContext(ctx, &members, q, id, companyIDs(d.Members), s.now()); err != nil {
			return fmt.Errorf("note members: %w", err)
		}
		if len(members) < 2 {
			return fault.Field("members", "collective.members-few")
		}
		return s.tellMembers(ctx, tx, "collective-filed", ref, "filed", members)
	})
}

func companyIDs(all []org.CompanyID) pq.Int64Array {
	out := make(pq.Int64Array, len(all))
	for n, c := range all {
		out[n] = int64(c)
	}
	return out
}

func (s *Store) tellMembers(ctx context.Context, tx *sqlx.Tx, kind, ref, key string, members []org.CompanyID) error {
	if len(members) == 0 {
		return nil
	}
	m := notify.Message{Kind: kind, Topic: "issue:" + ref, Link: "/c/issues/" + ref, Args: map[string]string{"Ref": ref}, Key: kind + ":" + ref + ":" + key}
	for _, c := range members {
		m.To = append(m.To, notify.To{Company: c})
	}
	return notify.Post(ctx, tx, s.now(), m)
}

// askMembers tells the members of a collective issue that an answer waits for theirs.
func (s *Store) askMembers(ctx context.Context, tx *sqlx.Tx, i Issue, event int64) error {
	var members []org.CompanyID
	if err := tx.SelectContext(ctx, &members, `SELECT company_id FROM collective_members WHERE issue_id = $1 AND left_at IS NULL ORDER BY 1`, i.ID); err != nil {
		return fmt.Errorf("read whom to ask: %w", err)
	}
	return s.tellMembers(ctx, tx, "collective-asked", i.Ref, fmt.Sprint(event), members)
}

// Members returns the companies behind a collective issue with their answers to the
// present answer: all of them to the chamber, to a member its own entry, to others
// who may see the issue those that agreed to be named, without answers.
func (s *Store) Members(ctx context.Context, by org.Actor, i Issue) ([]Member, error) {
	if i.Origin != FromChamber {
		return nil, nil
	}
	where := `m.named`
	switch by.Role {
	case org.RoleChamber:
		where = `true`
	case org.RoleCompany:
		where = `m.company_id = $2`
	}
	q := `SELECT m.company_id, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", m.named, m.joined_at,
			coalesce(v.verdict, '') AS verdict, coalesce(v.satisfaction, '') AS satisfaction, coalesce(v.remark, '') AS remark
		FROM collective_members m JOIN companies c ON c.id = m.company_id
		LEFT JOIN collective_votes v ON v.issue_id = m.issue_id AND v.company_id = m.company_id AND v.answer = (` + presentAnswer + `)
		WHERE m.issue_id = $1 AND m.left_at IS NULL AND ($2 = 0 OR $2 > 0) AND ` + where + ` ORDER BY c.name_zh COLLATE "zh-x-icu", c.id`
	var out []Member
	if err := s.db.SelectContext(ctx, &out, q, i.ID, by.Company); err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	if by.Role != org.RoleChamber && by.Role != org.RoleCompany {
		for n := range out {
			out[n] = Member{Name: out[n].Name, Named: true}
		}
	}
	return out, nil
}

// presentAnswer is the event of the answer that the investor is to judge.
const presentAnswer = `SELECT max(e.id) FROM issue_events e WHERE e.issue_id = $1 AND e.kind IN ('answer', 'feed_back') AND NOT e.internal`

// PollOf returns what the members answered so far, in numbers: to the chamber and to
// members; ErrNotFound to others.
func (s *Store) PollOf(ctx context.Context, by org.Actor, i Issue) (Poll, error) {
	if i.Origin != FromChamber || !by.Is(org.RoleChamber, org.RoleCompany) {
		return Poll{}, fault.ErrNotFound
	}
	return s.poll(ctx, s.db, i)
}

func (s *Store) poll(ctx context.Context, db sqlx.QueryerContext, i Issue) (Poll, error) {
	var members int
	if err := sqlx.GetContext(ctx, db, &members, `SELECT count(*) FROM collective_members WHERE issue_id = $1 AND left_at IS NULL`, i.ID); err != nil {
		return Poll{}, fmt.Errorf("count members: %w", err)
	}
	var rows []struct {
		Verdict string `db:"verdict"`
		Level   string `db:"satisfaction"`
	}
	const q = `SELECT v.verdict, v.satisfaction FROM collective_votes v JOIN collective_members m USING (issue_id, company_id)
		WHERE v.issue_id = $1 AND m.left_at IS NULL AND v.answer = (` + presentAnswer + `)`
	if err := sqlx.SelectContext(ctx, db, &rows, q, i.ID); err != nil {
		return Poll{}, fmt.Errorf("read members' answers: %w", err)
	}
	votes := make([]Vote, len(rows))
	for n, r := range rows {
		votes[n] = Vote{Verdict: r.Verdict, Satisfied: r.Level}
	}
	until, err := s.membersUntil(ctx, i)
	if err != nil {
		return Poll{}, err
	}
	p := Count(members, votes, !until.IsZero() && !s.now().Before(until))
	p.Until = until
	return p, nil
}

// membersUntil is the end of the time in which members are asked.
func (s *Store) membersUntil(ctx context.Context, i Issue) (time.Time, error) {
	if i.Answered == nil {
		return time.Time{}, nil
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return time.Time{}, err
	}
	last, _ := cal.Add(calendar.DateOf(*i.Answered), daysMembers)
	return last.End(), nil
}

// CloseCollective ends the judgement of an answer to a collective issue: accepted or
// refused as the members answered, never otherwise. A refusal needs the members'
// reason in the chamber's words.
func (s *Store) CloseCollective(ctx context.Context, by org.Actor, ref, reason, idem string) error {
	i, err := s.Issue(ctx, by, ref)
	if err != nil {
		return err
	}
	if i.Origin != FromChamber || by.Role != org.RoleChamber {
		return fault.ErrForbidden
	}
	p, err := s.poll(ctx, s.db, i)
	if err != nil {
		return err
	}
	least := 0
	if p.Ready && !p.Accept {
		least = MinReason
	}
	if err := oneText("reason", reason, least, MaxReason); err != nil {
		return err
	}
	act := ActRefuse
	if p.Accept {
		act = ActAccept
	}
	return s.act(ctx, by, ref, act, idem, func(tx *sqlx.Tx, i Issue) (move, error) {
		now, err := s.poll(ctx, tx, i)
		switch {
		case err != nil:
			return move{}, err
		case !now.Ready:
			return move{}, fault.Field("reason", "collective.not-ready")
		case now.Accept != p.Accept:
			return move{}, ErrMoved
		case !now.Accept:
			return move{body: reason}, s.settleOrder(ctx, tx, i, false)
		}
		return move{body: reason, details: Details{Verdict: now.Verdict, Satisfaction: now.Satisfied}}, s.settleOrder(ctx, tx, i, true)
	})
}

// Joinable returns the open collective issues of the chamber to a company that is its
// member today, the newest first; ErrNotFound to others.
func (s *Store) Joinable(ctx context.Context, by org.Actor) ([]Issue, error) {
	if by.Role != org.RoleCompany {
		return nil, fault.ErrNotFound
	}
	var out []Issue
	const where = `WHERE i.origin = 'chamber' AND i.state NOT IN ('closed', 'withdrawn', 'declined', 'merged')
		AND EXISTS (SELECT FROM chamber_members m WHERE m.company_id = $1 AND m.until_on IS NULL) ORDER BY i.id DESC LIMIT 100`
	if err := s.db.SelectContext(ctx, &out, `SELECT `+issueColumns+issueTables+where, by.Company); err != nil {
		return nil, fmt.Errorf("read collective issues: %w", err)
	}
	return out, nil
}

// lockCollective locks a collective issue for one act of a member company of the chamber.
func (s *Store) lockCollective(ctx context.Context, tx *sqlx.Tx, by org.Actor, ref string) (Issue, error) {
	var i Issue
	if by.Role != org.RoleCompany {
		return i, fault.ErrForbidden
	}
	const where = `WHERE i.ref = $1 AND i.origin = 'chamber' AND (EXISTS (SELECT FROM chamber_members m WHERE m.company_id = $2 AND m.until_on IS NULL)
		OR EXISTS (SELECT FROM collective_members m WHERE m.issue_id = i.id AND m.company_id = $2 AND m.left_at IS NULL)) FOR UPDATE OF i`
	err := tx.GetContext(ctx, &i, `SELECT `+issueColumns+issueTables+where, ref, by.Company)
	if errors.Is(err, sql.ErrNoRows) {
		return i, fault.ErrNotFound
	}
	if err != nil {
		return i, fmt.Errorf("lock collective issue: %w", err)
	}
	if !i.Open() {
		return i, ErrState
	}
	return i, nil
}

// Join makes the actor's company a member of an open collective issue, named to the
// county or not. Joining again only changes whether it is named.
func (s *Store) Join(ctx context.Context, by org.Actor, ref string, named bool) error {
	return s.memberAct(ctx, by, ref, "collective.joined", `INSERT INTO collective_members (issue_id, company_id, named, joined_at) VALUES ($1, $2, $4, $3)
		ON CONFLICT (issue_id, company_id) DO UPDATE SET named = $4, left_at = NULL,
			joined_at = CASE WHEN collective_members.left_at IS NULL THEN collective_members.joined_at ELSE $3 END`, named)
}

// Leave ends the company's membership; its name and its answers count no more.
func (s *Store) Leave(ctx context.Context, by org.Actor, ref string) error {
	return s.memberAct(ctx, by, ref, "collective.left",
		`UPDATE collective_members SET left_at = $3, named = false WHERE issue_id = $1 AND company_id = $2 AND left_at IS NULL`)
}

// Answer of a member to the county's answer; the last one counts until the chamber closes.
func (s *Store) AnswerPoll(ctx context.Context, by org.Actor, ref string, v Vote) error {
	if err := v.check(); err != nil {
		return err
	}
	return s.memberAct(ctx, by, ref, "collective.answered", `INSERT INTO collective_votes (issue_id, company_id, answer, verdict, satisfaction, remark, at)
		SELECT m.issue_id, m.company_id, (`+presentAnswer+`), $4, $5, $6, $3 FROM collective_members m WHERE m.issue_id = $1 AND m.company_id = $2 AND m.left_at IS NULL
		ON CONFLICT (issue_id, company_id, answer) DO UPDATE SET verdict = $4, satisfaction = $5, remark = $6, at = $3`, v.Verdict, v.Satisfied, v.Remark)
}

// memberAct does what a member may under the lock of the issue. The audit log says
// that a member did it, not which.
func (s *Store) memberAct(ctx context.Context, by org.Actor, ref, action, q string, args ...any) error {
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		i, err := s.lockCollective(ctx, tx, by, ref)
		if err != nil {
			return err
		}
		if action == "collective.answered" && i.State != Answered {
			return ErrState
		}
		r, err := tx.ExecContext(ctx, q, append([]any{i.ID, by.Company, s.now()}, args...)...)
		if err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.ErrNotFound)
		}
		return record.Append(ctx, tx, aMember, action, "issue:"+ref, nil)
	})
}
