package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ErrProjectChanged: somebody else saved the project in the meantime.
var ErrProjectChanged = fault.New(fault.Conflict, "project.changed")

// Projects keeps the projects.
type Projects struct {
	db  *sqlx.DB
	now func() time.Time
}

// NewProjects returns the projects kept in db. now gives the present in UTC.
func NewProjects(db *sqlx.DB, now func() time.Time) *Projects { return &Projects{db: db, now: now} }

const projectColumns = `SELECT p.id, p.no, p.name_zh, p.name_en, p.name_ru, coalesce(p.company_id, 0) AS company_id, coalesce(c.licence, '') AS licence,
	coalesce(c.name_zh, '') AS "company.name_zh", coalesce(c.name_en, '') AS "company.name_en", coalesce(c.name_ru, '') AS "company.name_ru",
	p.investor, p.area, p.class, p.state, p.is_key, p.leading_org, p.version,
	coalesce(r.name, '') AS person, coalesce(r.post, '') AS person_post, coalesce(r.phone, '') AS person_phone
	FROM projects p LEFT JOIN companies c ON c.id = p.company_id LEFT JOIN project_persons r ON r.project_id = p.id AND r.until_at IS NULL `

// ProjectFilter narrows the list of projects.
type ProjectFilter struct {
	KeyOnly    bool
	Search     string // in numbers, names and investors
	Page, Size int
}

// List returns a page of the projects, key projects first, and how many there are.
func (s *Projects) List(ctx context.Context, by org.Actor, f ProjectFilter) ([]Project, int, error) {
	if !ReadsProjects(by) {
		return nil, 0, fault.ErrNotFound
	}
	const where = `WHERE (NOT $1 OR p.is_key) AND ($2 = '' OR position(lower($2) IN lower(concat_ws(' ', p.no, p.name_zh, p.name_en, p.name_ru, p.investor, c.name_zh))) > 0)`
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM projects p LEFT JOIN companies c ON c.id = p.company_id `+where, f.KeyOnly, f.Search); err != nil {
		return nil, 0, fmt.Errorf("count projects: %w", err)
	}
	var out []Project
	err := s.db.SelectContext(ctx, &out, projectColumns+where+` ORDER BY p.is_key DESC, p.no LIMIT $3 OFFSET $4`, f.KeyOnly, f.Search, f.Size, max(0, f.Page-1)*f.Size)
	if err != nil {
		return nil, 0, fmt.Errorf("list projects: %w", err)
	}
	return out, total, nil
}

// Get returns a project to those who may see projects.
func (s *Projects) Get(ctx context.Context, by org.Actor, id ProjectID) (Project, error) {
	var p Project
	if !ReadsProjects(by) {
		return p, fault.ErrNotFound
	}
	err := s.db.GetContext(ctx, &p, projectColumns+`WHERE p.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.ErrNotFound
	}
	if err != nil {
		return p, fmt.Errorf("read project: %w", err)
	}
	return p, nil
}

// Persons returns who was and is responsible for a project, the present one first.
func (s *Projects) Persons(ctx context.Context, by org.Actor, id ProjectID) ([]Person, error) {
	if !ReadsProjects(by) {
		return nil, fault.ErrNotFound
	}
	var out []Person
	const q = `SELECT name, post, phone, from_at, until_at FROM project_persons WHERE project_id = $1 ORDER BY id DESC`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("read responsible persons: %w", err)
	}
	return out, nil
}

// Enter adds a project and returns its id; the same idem returns the same one.
func (s *Projects) Enter(ctx context.Context, by org.Actor, d ProjectDraft, idem string) (ProjectID, error) {
	if !KeepsProjects(by) {
		return 0, fault.ErrForbidden
	}
	if err := d.Check().Err(); err != nil {
		return 0, err
	}
	var id ProjectID
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 12))`, idem); err != nil {
			return fmt.Errorf("wait for the same post: %w", err)
		}
		err := tx.GetContext(ctx, &id, `SELECT id FROM projects WHERE idem = $1`, idem)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		company, err := companyOf(ctx, tx, d.Licence)
		if err != nil {
			return err
		}
		const q = `INSERT INTO projects (no, name_zh, name_en, name_ru, company_id, investor, area, class, state, is_key, leading_org, idem, entered_by, entered_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id`
		if err := tx.GetContext(ctx, &id, q, d.No, d.ZH, d.EN, d.RU, company, d.Investor, d.Area, d.Class, d.State, d.Key, d.LeadingOrg, idem, by.Account, s.now()); err != nil {
			return taken(err)
		}
		if err := s.hold(ctx, tx, by, id, d); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "project.entered", fmt.Sprintf("project:%d", id), map[string]any{"no": d.No, "key": d.Key, "person": d.Person})
	})
	return id, err
}

// Change saves a project over the version that was shown; ErrProjectChanged when
// somebody else was faster. A new responsible person ends the term of the one before.
func (s *Projects) Change(ctx context.Context, by org.Actor, id ProjectID, d ProjectDraft) error {
	if !KeepsProjects(by) {
		return fault.ErrForbidden
	}
	if err := d.Check().Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var version int
		err := tx.GetContext(ctx, &version, `SELECT version FROM projects WHERE id = $1 FOR UPDATE`, id)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fault.ErrNotFound
		case err != nil:
			return fmt.Errorf("lock project: %w", err)
		case version != d.Version:
			return ErrProjectChanged
		}
		company, err := companyOf(ctx, tx, d.Licence)
		if err != nil {
			return err
		}
		const q = `UPDATE projects SET no = $2, name_zh = $3, name_en = $4, name_ru = $5, company_id = $6, investor = $7, area = $8, class = $9, state = $10,
			is_key = $11, leading_org = $12, version = version + 1 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, d.No, d.ZH, d.EN, d.RU, company, d.Investor, d.Area, d.Class, d.State, d.Key, d.LeadingOrg); err != nil {
			return taken(err)
		}
		if err := s.hold(ctx, tx, by, id, d); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "project.changed", fmt.Sprintf("project:%d", id), map[string]any{"no": d.No, "key": d.Key, "person": d.Person})
	})
}

// hold makes the person of the draft the one responsible, unless he is already.
func (s *Projects) hold(ctx context.Context, tx *sqlx.Tx, by org.Actor, id ProjectID, d ProjectDraft) error {
	const end = `UPDATE project_persons SET until_at = $2 WHERE project_id = $1 AND until_at IS NULL AND (name, post, phone) IS DISTINCT FROM ($3, $4, $5)`
	if _, err := tx.ExecContext(ctx, end, id, s.now(), d.Person, d.Post, d.Phone); err != nil {
		return fmt.Errorf("end a term: %w", err)
	}
	if d.Person == "" {
		return nil
	}
	const q = `INSERT INTO project_persons (project_id, name, post, phone, from_at, set_by) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (project_id) WHERE until_at IS NULL DO NOTHING`
	if _, err := tx.ExecContext(ctx, q, id, d.Person, d.Post, d.Phone, s.now(), by.Account); err != nil {
		return fmt.Errorf("name the responsible person: %w", err)
	}
	return nil
}

// companyOf finds the company with the licence; nil when none is named.
func companyOf(ctx context.Context, tx *sqlx.Tx, licence string) (any, error) {
	if licence == "" {
		return nil, nil
	}
	var id org.CompanyID
	err := tx.GetContext(ctx, &id, `SELECT id FROM companies WHERE licence = $1`, org.NormalLicence(licence))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.Field("licence", "project.licence-unknown")
	}
	if err != nil {
		return nil, fmt.Errorf("find company: %w", err)
	}
	return id, nil
}

// taken turns a number used twice into a problem of its field.
func taken(err error) error {
	if postgres.Violates(err, "projects_no_key") {
		return fault.Field("no", "project.no-taken")
	}
	return fmt.Errorf("save project: %w", err)
}
