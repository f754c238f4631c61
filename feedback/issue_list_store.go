package feedback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/lib/pq"

	"pingyi/fault"
	"pingyi/org"
)

// IssueFilter narrows a list of issues; zero values narrow nothing.
type IssueFilter struct {
	State      State
	Open       bool
	Overdue    bool
	Special    bool   // only those handled specially
	Collective bool   // only the chamber's
	Tab        string // a group of states, from Tabs
	Grade      string
	Unit       org.UnitID
	Search     string
	Page       int
	Size       int
}

// Tabs are the groups of states of a unit's inbox.
var Tabs = map[string][]State{"new": {Registered, Disputed}, "working": {InProgress, Ordered}, "company": {Answered, ResultReady},
	"queued": {Queued}, "ended": {Closed, Withdrawn, Merged}}

// scope limits a list to what the actor may see.
func issueScope(a org.Actor) (where string, arg any, ok bool) {
	switch {
	case a.Role == org.RoleCompany:
		return `(i.company_id = $1 OR i.id = ANY(ARRAY(SELECT m.issue_id FROM collective_members m WHERE m.company_id = $1 AND m.left_at IS NULL)))`, a.Company, true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return `(i.lead_unit_id = $1 OR i.proposed_unit_id = $1 OR i.cooperating @> ARRAY[$1::bigint] OR (i.state = 'disputed' AND i.proposers @> ARRAY[$1::bigint]))`, a.Unit, true
	case isDuty(a):
		return `$1::bigint IS NOT NULL`, 0, true
	case a.IsLeader():
		return `i.queued_at IS NOT NULL AND $1::bigint IS NOT NULL`, 0, true
	case a.Role == org.RoleChamber:
		return `(i.origin = 'chamber' OR EXISTS (SELECT FROM chamber_members m WHERE m.company_id = i.company_id AND m.until_on IS NULL)) AND $1::bigint IS NOT NULL`, 0, true
	}
	return "", nil, false
}

// theirTurn are the states in which an issue waits for the actor himself.
func theirTurn(a org.Actor) []State {
	switch {
	case a.Role == org.RoleCompany:
		return []State{Answered}
	case a.Is(org.RoleHead, org.RoleOfficer):
		return []State{Registered, Disputed, InProgress, Ordered}
	case a.IsOffice():
		return []State{Raised, Disputed, ResultReady}
	case a.IsLeader():
		return []State{Queued}
	}
	return nil
}

// Issues returns a page of the issues the actor may see, those that wait for him
// before others, the nearest deadline first and closed ones last, and how many
// there are in all.
func (s *Store) Issues(ctx context.Context, by org.Actor, f IssueFilter) ([]Issue, int, error) {
	scope, arg, ok := issueScope(by)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	// every column named here is in the index issues_narrow, so that no row is read to count and sort
	where := ` FROM issues i WHERE ` + scope + ` AND ($2 = '' OR i.state = $2) AND (NOT $3 OR i.due_at IS NOT NULL)
		AND (NOT $4 OR (i.state IN ('registered', 'disputed', 'in_progress', 'queued', 'ordered') AND i.paused_at IS NULL AND i.due_at <= $5))
		AND ($6 = '' OR i.grade = $6) AND ($7 = 0 OR i.lead_unit_id = $7)
		AND ($8 = '' OR i.id IN (SELECT id FROM issues WHERE strpos(ref, upper($8)) > 0 OR title_plain LIKE ALL (word_patterns($8))))
		AND ($9::text[] IS NULL OR i.state = ANY($9)) AND (NOT $10 OR i.special) AND (NOT $11 OR i.origin = 'chamber')`
	args := []any{arg, f.State, f.Open, f.Overdue, s.now(), f.Grade, f.Unit, f.Search, pq.Array(Tabs[f.Tab]), f.Special, f.Collective, pq.Array(theirTurn(by))}
	ids, total, err := s.pageOf(ctx, where, args, f)
	if err != nil {
		return nil, 0, err
	}
	var out []Issue
	q := `SELECT ` + issueColumns + issueTables + `WHERE i.id = ANY($1) ORDER BY array_position($1, i.id)`
	if err := s.db.SelectContext(ctx, &out, q, ids); err != nil {
		return nil, 0, fmt.Errorf("read issues: %w", err)
	}
	for i := range out {
		out[i] = veil(by, out[i])
	}
	return out, total, nil
}

// pageOf returns the numbers of a page of issues and how many there are: first those
// that wait for somebody, sorted; ended ones follow by number, as the index has them.
func (s *Store) pageOf(ctx context.Context, where string, args []any, f IssueFilter) (pq.Int64Array, int, error) {
	var n struct {
		Total int `db:"total"`
		First int `db:"first"` // those that wait for somebody; the rest follows by number
	}
	const waits = `(coalesce(i.state = ANY($12), false) OR i.due_at IS NOT NULL)`
	if err := s.db.GetContext(ctx, &n, `SELECT count(*) AS total, count(*) FILTER (WHERE `+waits+`) AS first`+where, args...); err != nil {
		return nil, 0, fmt.Errorf("count issues: %w", err)
	}
	var ids pq.Int64Array
	skip := max(0, f.Page-1) * f.Size
	const pick = `SELECT coalesce(array_agg(id), '{}') FROM (SELECT i.id`
	if skip < n.First {
		q := pick + where + ` AND ` + waits + ` ORDER BY i.state = ANY($12) DESC, i.due_at IS NULL, i.category = 16 AND i.state = 'raised' DESC, i.due_at, i.id DESC LIMIT $13 OFFSET $14) x`
		if err := s.db.GetContext(ctx, &ids, q, append(args, f.Size, skip)...); err != nil {
			return nil, 0, fmt.Errorf("list issues: %w", err)
		}
	}
	if rest := f.Size - len(ids); rest > 0 && n.Total > n.First {
		var ended pq.Int64Array
		q := pick + where + ` AND NOT ` + waits + ` ORDER BY i.id DESC LIMIT $13 OFFSET $14) x`
		if err := s.db.GetContext(ctx, &ended, q, append(args, rest, max(0, skip-n.First))...); err != nil {
			return nil, 0, fmt.Errorf("list ended issues: %w", err)
		}
		ids = append(ids, ended...)
	}
	return ids, n.Total, nil
}

// veil takes out what the actor may not learn of an issue he may see.
func veil(by org.Actor, i Issue) Issue {
	if !i.MayName(by) {
		i.CompanyName, i.Company = org.Names{}, 0
	}
	if by.Role == org.RoleChamber && i.Origin != FromChamber {
		i.Body, i.Wish, i.Place = "", "", ""
	}
	return i
}

// Queue returns the issues that wait for the leading group, the most urgent first:
// overdue ones, then by how long they wait.
func (s *Store) Queue(ctx context.Context, by org.Actor) ([]Issue, error) {
	if !by.IsLeader() && !isDuty(by) {
		return nil, fault.ErrNotFound
	}
	var out []Issue
	q := `SELECT ` + issueColumns + issueTables + `WHERE i.state = 'queued' ORDER BY i.deadline > $1, i.deadline, i.queued_at, i.id`
	if err := s.db.SelectContext(ctx, &out, q, s.now()); err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	for i := range out {
		out[i] = veil(by, out[i])
	}
	return out, nil
}

// Issue returns one issue to those who may see it; ErrNotFound to all others.
func (s *Store) Issue(ctx context.Context, by org.Actor, ref string) (Issue, error) {
	var i Issue
	err := s.db.GetContext(ctx, &i, `SELECT `+issueColumns+issueTables+`WHERE i.ref = $1`, ref)
	if errors.Is(err, sql.ErrNoRows) {
		return Issue{}, fault.ErrNotFound
	}
	if err != nil {
		return Issue{}, fmt.Errorf("read issue: %w", err)
	}
	i.held = s.follows == i.ID
	if !i.maySee(by) {
		also, err := s.maySeeToo(ctx, by, i)
		if err != nil {
			return Issue{}, err
		}
		if !also {
			return Issue{}, fault.ErrNotFound
		}
	}
	return veil(by, i), nil
}

// maySeeToo finds what the issue itself does not say: a unit that was once proposed was
// told of it, and may read how it ended; a member of a collective issue reads it.
func (s *Store) maySeeToo(ctx context.Context, by org.Actor, i Issue) (ok bool, err error) {
	switch {
	case by.Is(org.RoleHead, org.RoleOfficer):
		const q = `SELECT EXISTS (SELECT FROM issue_events WHERE issue_id = $1 AND kind = 'propose' AND data->>'to' = $2)`
		err = s.db.GetContext(ctx, &ok, q, i.ID, strconv.FormatInt(int64(by.Unit), 10))
	case by.Role == org.RoleCompany && i.Origin == FromChamber:
		err = s.db.GetContext(ctx, &ok, `SELECT EXISTS (SELECT FROM collective_members WHERE issue_id = $1 AND company_id = $2 AND left_at IS NULL)`, i.ID, by.Company)
	}
	if err != nil {
		return false, fmt.Errorf("read who may see the issue: %w", err)
	}
	return ok, nil
}

// Events returns the life of an issue, oldest first. The company sees roles, not
// names, and no internal note.
func (s *Store) Events(ctx context.Context, by org.Actor, i Issue) ([]Event, error) {
	var out []Event
	const q = `SELECT e.id, e.at, e.role, coalesce(a.name, '') AS actor, coalesce(u.name_zh, '') AS "unit.name_zh", coalesce(u.name_en, '') AS "unit.name_en",
			coalesce(u.name_ru, '') AS "unit.name_ru", e.kind, e.body, e.internal, e.data
		FROM issue_events e LEFT JOIN accounts a ON a.id = e.actor LEFT JOIN units u ON u.id = e.unit_id
		WHERE e.issue_id = $1 ORDER BY e.id`
	if err := s.db.SelectContext(ctx, &out, q, i.ID); err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	kept := out[:0]
	for _, e := range out {
		company := by.Is(org.RoleCompany, org.RoleChamber, org.RolePublic)
		if e.Internal && company {
			if e.Kind != ActRegister {
				continue
			}
			e.Body, e.Internal = "", false // that it was registered, not the office's note
		}
		if company || (e.Role == string(org.RoleCompany) && !i.MayName(by)) {
			e.Actor = ""
		}
		kept = append(kept, e)
	}
	return kept, nil
}

// Files lists the files of an issue without their content.
func (s *Store) Files(ctx context.Context, i Issue) ([]File, error) {
	var out []File
	if err := s.db.SelectContext(ctx, &out, `SELECT id, name, type, size, coalesce(event_id, 0) AS event FROM issue_files WHERE issue_id = $1 ORDER BY id`, i.ID); err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return out, nil
}

// OneFile returns a file of an issue the actor may see.
func (s *Store) OneFile(ctx context.Context, by org.Actor, ref string, id int64) (File, error) {
	i, err := s.Issue(ctx, by, ref)
	if err != nil {
		return File{}, err
	}
	var f File
	err = s.db.GetContext(ctx, &f, `SELECT id, name, type, size, content FROM issue_files WHERE issue_id = $1 AND id = $2`, i.ID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, fault.ErrNotFound
	}
	if err != nil {
		return File{}, fmt.Errorf("read file: %w", err)
	}
	return f, nil
}

// Waiting counts what waits for the actor, by the names of his sections.
func (s *Store) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	var q string
	var arg any
	switch {
	case by.Role == org.RoleChamber:
		q, arg = `SELECT (SELECT count(*) FROM issues WHERE origin = 'chamber' AND state = 'answered' AND $1::text IS NOT NULL) AS issues, 0 AS sheets, 0 AS escalations`, by.Kind
	case by.Role == org.RoleCompany:
		q, arg = `SELECT (SELECT count(*) FROM issues WHERE company_id = $1 AND state = 'answered') AS issues,
			(SELECT count(*) FROM visits v WHERE company_id = $1 AND requested_at IS NOT NULL AND NOT EXISTS (SELECT FROM sheets WHERE visit_id = v.id)) AS sheets, 0 AS escalations`, by.Company
	case by.Is(org.RoleHead, org.RoleOfficer):
		q, arg = `SELECT (SELECT count(*) FROM issues WHERE (lead_unit_id = $1 AND state IN ('registered', 'in_progress', 'ordered') OR proposed_unit_id = $1)) AS issues, 0 AS sheets, 0 AS escalations`, by.Unit
	case by.IsLeader():
		q, arg = `SELECT 0 AS issues, 0 AS sheets, (SELECT count(*) FROM issues WHERE state = 'queued' AND $1::bigint IS NOT NULL) AS escalations`, 0
	case by.IsOffice():
		q, arg = `SELECT (SELECT count(*) FROM issues WHERE state IN ('raised', 'disputed', 'result_ready')) AS issues,
			(SELECT count(*) FROM sheet_receipts WHERE office = $1 AND received_at IS NULL AND removed_at IS NULL) AS sheets, 0 AS escalations`, by.Kind
	case by.Role == org.RoleSupervision:
		return s.demandsWaiting(ctx)
	default:
		return nil, nil
	}
	var n struct {
		Issues      int `db:"issues"`
		Sheets      int `db:"sheets"`
		Escalations int `db:"escalations"`
	}
	if err := s.db.GetContext(ctx, &n, q, arg); err != nil {
		return nil, fmt.Errorf("count what waits: %w", err)
	}
	rectify, err := s.rectifyWaiting(ctx, by)
	return map[string]int{"issues": n.Issues, "sheets": n.Sheets, "escalations": n.Escalations, "rectify": rectify}, err
}
