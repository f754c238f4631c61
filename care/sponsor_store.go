package care

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
	"pingyi/ledger"
	"pingyi/org"
)

// Sponsors keeps the sponsor groups.
type Sponsors struct {
	db  *sqlx.DB
	now func() time.Time
}

// NewSponsors returns the sponsor groups kept in db. now gives the present in UTC.
func NewSponsors(db *sqlx.DB, now func() time.Time) *Sponsors { return &Sponsors{db: db, now: now} }

func (s *Sponsors) today() calendar.Date { return calendar.DateOf(s.now()) }

const groupColumns = `SELECT g.id, coalesce(g.project_id, 0) AS project_id, coalesce(p.no, '') AS project_no, coalesce(p.name_zh, '') AS "project.name_zh",
	coalesce(p.name_en, '') AS "project.name_en", coalesce(p.name_ru, '') AS "project.name_ru", coalesce(p.is_key, false) AS is_key,
	coalesce(g.company_id, p.company_id, 0) AS company_id, coalesce(c.name_zh, '') AS "company.name_zh", coalesce(c.name_en, '') AS "company.name_en",
	coalesce(c.name_ru, '') AS "company.name_ru", coalesce(p.investor, '') AS investor, g.leader_id, a.name AS leader, g.plan, to_char(g.from_on, 'YYYY-MM-DD') AS from_on,
	to_char(g.until_on, 'YYYY-MM-DD') AS until_on, coalesce(to_char(g.ended_on, 'YYYY-MM-DD'), '') AS ended_on, g.ended_why, g.version `
const groupTables = `FROM sponsor_groups g JOIN accounts a ON a.id = g.leader_id LEFT JOIN projects p ON p.id = g.project_id
	LEFT JOIN companies c ON c.id = coalesce(g.company_id, p.company_id) `

// atWork is the condition that group g works on the day.
const atWork = `g.from_on <= $1 AND g.until_on >= $1 AND (g.ended_on IS NULL OR g.ended_on > $1)`

// scope narrows to the groups the actor may see: a leader who keeps no projects those he
// leads, a unit and a company those at work that are theirs, the offices and other
// readers of projects all. $1 is the day, $2 whose.
func (s *Sponsors) scope(a org.Actor, mine bool) (where string, arg any, ok bool) {
	switch {
	case a.Role == org.RoleCompany:
		return atWork + ` AND coalesce(g.company_id, p.company_id) = $2`, a.Company, true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return atWork + ` AND EXISTS (SELECT FROM sponsor_members m WHERE m.group_id = g.id AND m.unit_id = $2)`, a.Unit, true
	case a.IsLeader() && mine:
		return atWork + ` AND g.leader_id = $2`, a.Account, true
	case ledger.ReadsProjects(a):
		return `$1::date IS NOT NULL AND $2::bigint IS NOT NULL`, 0, true
	}
	return "", nil, false
}

// Groups returns a page of the sponsor groups the actor may see, those at work first,
// and how many there are. mine narrows a leader's list to those he leads.
func (s *Sponsors) Groups(ctx context.Context, by org.Actor, mine bool, page, size int) ([]Group, int, error) {
	where, arg, ok := s.scope(by, mine)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) `+groupTables+`WHERE `+where, s.today(), arg); err != nil {
		return nil, 0, fmt.Errorf("count sponsor groups: %w", err)
	}
	var out []Group
	q := groupColumns + groupTables + `WHERE ` + where + ` ORDER BY g.ended_on IS NOT NULL, g.until_on < $1, g.until_on, g.id LIMIT $3 OFFSET $4`
	if err := s.db.SelectContext(ctx, &out, q, s.today(), arg, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list sponsor groups: %w", err)
	}
	return out, total, s.fill(ctx, out)
}

// Group returns one sponsor group to those who may see it.
func (s *Sponsors) Group(ctx context.Context, by org.Actor, id GroupID) (Group, error) {
	var g Group
	where, arg, ok := s.scope(by, false)
	if !ok {
		return g, fault.ErrNotFound
	}
	err := s.db.GetContext(ctx, &g, groupColumns+groupTables+`WHERE `+where+` AND g.id = $3`, s.today(), arg, id)
	if errors.Is(err, sql.ErrNoRows) {
		return g, fault.ErrNotFound
	}
	if err != nil {
		return g, fmt.Errorf("read sponsor group: %w", err)
	}
	one := []Group{g}
	err = s.fill(ctx, one)
	return one[0], err
}

// fill adds the member units.
func (s *Sponsors) fill(ctx context.Context, list []Group) error {
	at, ids := map[GroupID]int{}, make([]int64, len(list))
	for i, g := range list {
		at[g.ID], ids[i] = i, int64(g.ID)
	}
	var all []Member
	const q = `SELECT m.group_id, m.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", m.task
		FROM sponsor_members m JOIN units u ON u.id = m.unit_id WHERE m.group_id = ANY($1) ORDER BY u.class, u.code`
	if err := s.db.SelectContext(ctx, &all, q, pq.Array(ids)); err != nil {
		return fmt.Errorf("read member units: %w", err)
	}
	for _, m := range all {
		g := &list[at[m.Group]]
		g.Members = append(g.Members, m)
	}
	return nil
}

// Missing returns the key projects without a sponsor group at work today, to those who
// read projects. Projects that ended need none.
func (s *Sponsors) Missing(ctx context.Context, by org.Actor) ([]Charge, error) {
	if !ledger.ReadsProjects(by) {
		return nil, fault.ErrNotFound
	}
	var out []Charge
	const q = `SELECT p.id, p.no, p.name_zh, p.name_en, p.name_ru, coalesce(p.company_id, 0) AS company_id, p.investor, p.state, p.is_key
		FROM projects p WHERE p.is_key AND p.state <> 'ended' AND NOT EXISTS (SELECT FROM sponsor_groups g WHERE g.project_id = p.id AND ` + atWork + `) ORDER BY p.no`
	if err := s.db.SelectContext(ctx, &out, q, s.today()); err != nil {
		return nil, fmt.Errorf("look for key projects without a sponsor group: %w", err)
	}
	return out, nil
}

// Leader is a county-level leader who may lead a sponsor group.
type Leader struct {
	ID   org.AccountID `db:"id"`
	Name string        `db:"name"`
	Post string        `db:"post"`
}

// county-level: sits in the leading group today and heads no unit.
const countyLevel = `FROM accounts a JOIN memberships m ON m.account_id = a.id AND m.until_on IS NULL JOIN bodies b ON b.id = m.body_id AND b.kind = 'leading_group'
	WHERE a.role = 'leader' AND a.unit_id IS NULL AND a.disabled_at IS NULL`

// Leaders returns the county-level leaders, to those who set groups up.
func (s *Sponsors) Leaders(ctx context.Context, by org.Actor) ([]Leader, error) {
	if !KeepsSponsors(by) {
		return nil, fault.ErrNotFound
	}
	var out []Leader
	const q = `SELECT a.id, a.name, m.post ` + countyLevel + ` ORDER BY array_position(ARRAY['chair', 'deputy'], m.post), a.id`
	if err := s.db.SelectContext(ctx, &out, q); err != nil {
		return nil, fmt.Errorf("list county leaders: %w", err)
	}
	return out, nil
}
