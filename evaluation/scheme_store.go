package evaluation

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// SchemeInfo is what a list of schemes shows of one.
type SchemeInfo struct {
	ID       int64      `db:"id"`
	Code     string     `db:"code"`
	Version  int        `db:"version"`
	Name     org.Names  `db:"name"`
	Revision int        `db:"revision"` // of a draft: grows with every change
	Changed  *time.Time `db:"changed_at"`
	By       string     `db:"changed_by"`
	Adopted  *time.Time `db:"adopted_at"` // nil: a draft
	Locked   *time.Time `db:"locked_at"`  // a campaign was opened under it
	Tried    bool       `db:"tried"`      // a draft: its dry run was of what it says now
}

// Errors of schemes.
var (
	ErrSchemeAdopted = fault.New(fault.Conflict, "scheme.adopted")
	ErrSchemeStale   = fault.New(fault.Conflict, "scheme.stale")
	ErrSchemeUntried = fault.New(fault.Conflict, "scheme.untried")
	ErrSchemeFile    = fault.New(fault.Invalid, "scheme.file-unreadable")
)

// Ship writes the scheme that comes with the portal, once; its day of adoption is the earliest
// the portal has seen, for the demo county begins before its program was started.
func (s *Store) Ship(ctx context.Context) error {
	sc := NJDefault()
	doc, err := sc.Canonical()
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO schemes (code, version, doc, adopted_at) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT schemes_version_key
			DO UPDATE SET adopted_at = least(schemes.adopted_at, excluded.adopted_at)`
		if _, err := tx.ExecContext(ctx, q, sc.Code, sc.Version, doc, s.now()); err != nil {
			return fmt.Errorf("add scheme: %w", err)
		}
		return nil
	})
}

// CurrentScheme returns the scheme adopted last.
func (s *Store) CurrentScheme(ctx context.Context) (*Scheme, error) {
	var id int64
	if err := s.db.GetContext(ctx, &id, `SELECT id FROM schemes WHERE adopted_at IS NOT NULL ORDER BY adopted_at DESC, id DESC LIMIT 1`); err != nil {
		return nil, fmt.Errorf("find the scheme: %w", err)
	}
	return s.Scheme(ctx, id)
}

// SchemeOf returns the scheme a year is scored by: that of its required campaign, or
// the one adopted last while there is none.
func (s *Store) SchemeOf(ctx context.Context, year int) (*Scheme, error) {
	all, err := s.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Year != year {
			continue
		}
		if sc, err := s.Scheme(ctx, c.SchemeID); err != nil || sc.Required == c.Kind {
			return sc, err
		}
	}
	return s.CurrentScheme(ctx)
}

// Scheme returns an adopted scheme, or a draft as it stands.
func (s *Store) Scheme(ctx context.Context, id int64) (*Scheme, error) {
	s.mu.Lock()
	sc := s.schemes[id]
	s.mu.Unlock()
	if sc != nil {
		return sc, nil
	}
	var row struct {
		Doc     []byte     `db:"doc"`
		Adopted *time.Time `db:"adopted_at"`
	}
	err := s.db.GetContext(ctx, &row, `SELECT doc, adopted_at FROM schemes WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read scheme %d: %w", id, err)
	}
	if sc, err = ParseScheme(row.Doc); err != nil {
		return nil, fmt.Errorf("scheme %d: %w", id, err)
	}
	sc.ID = id
	if row.Adopted != nil { // drafts change
		s.mu.Lock()
		s.schemes[id] = sc
		s.mu.Unlock()
	}
	return sc, nil
}

const schemeColumns = `x.id, x.code, x.version, coalesce(x.doc->'name'->>'zh', '') AS "name.name_zh", coalesce(x.doc->'name'->>'en', '') AS "name.name_en",
	coalesce(x.doc->'name'->>'ru', '') AS "name.name_ru", x.revision, x.changed_at, coalesce(a.name, '') AS changed_by, x.adopted_at, x.locked_at,
	coalesce(x.dry_run_hash = sha256(convert_to(x.doc::text, 'UTF8')), false) AS tried FROM schemes x LEFT JOIN accounts a ON a.id = x.changed_by `

// Schemes returns all schemes to those who run campaigns or supervise them, drafts
// first.
func (s *Store) Schemes(ctx context.Context, by org.Actor) ([]SchemeInfo, error) {
	if err := readSchemes(by); err != nil {
		return nil, err
	}
	var out []SchemeInfo
	if err := s.db.SelectContext(ctx, &out, `SELECT `+schemeColumns+`ORDER BY x.adopted_at IS NOT NULL, x.adopted_at DESC, x.code, x.version DESC`); err != nil {
		return nil, fmt.Errorf("list schemes: %w", err)
	}
	return out, nil
}

// SchemeInfo returns what the list shows of one scheme.
func (s *Store) SchemeInfo(ctx context.Context, by org.Actor, id int64) (SchemeInfo, error) {
	var out SchemeInfo
	if err := readSchemes(by); err != nil {
		return out, err
	}
	err := s.db.GetContext(ctx, &out, `SELECT `+schemeColumns+`WHERE x.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return out, fault.ErrNotFound
	}
	if err != nil {
		return out, fmt.Errorf("read scheme: %w", err)
	}
	return out, nil
}

// NewDraft keeps a scheme as a new draft: the next version of its code. It need not
// be complete.
func (s *Store) NewDraft(ctx context.Context, by org.Actor, sc *Scheme) (int64, error) {
	if err := run(by); err != nil {
		return 0, err
	}
	f := fault.Fields{}
	once(f, "code", 1, func(int) string { return sc.Code })
	if err := f.Err(); err != nil {
		return 0, err
	}
	var id int64
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('schemes'))`); err != nil {
			return fmt.Errorf("lock schemes: %w", err)
		}
		draft := sc.Clone()
		if err := tx.GetContext(ctx, &draft.Version, `SELECT coalesce(max(version), 0) + 1 FROM schemes WHERE code = $1`, sc.Code); err != nil {
			return fmt.Errorf("number scheme: %w", err)
		}
		doc, err := draft.Canonical()
		if err != nil {
			return err
		}
		const q = `INSERT INTO schemes (code, version, doc, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5) RETURNING id`
		if err := tx.GetContext(ctx, &id, q, draft.Code, draft.Version, doc, s.now(), by.Account); err != nil {
			return fmt.Errorf("add scheme: %w", err)
		}
		return record.Append(ctx, tx, by, "scheme.drafted", fmt.Sprintf("scheme:%d", id), map[string]any{"scheme": draft.Label()})
	})
	return id, err
}

// ImportScheme keeps a scheme from a file as a new draft. The file must describe a
// scheme that could be adopted; what is wrong with it comes back by part.
func (s *Store) ImportScheme(ctx context.Context, by org.Actor, file []byte) (int64, error) {
	if err := run(by); err != nil {
		return 0, err
	}
	var sc Scheme
	dec := json.NewDecoder(bytes.NewReader(file))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&sc); err != nil {
		return 0, fault.Field("file", "scheme.file-unreadable")
	}
	if err := sc.Validate(); err != nil {
		return 0, err
	}
	return s.NewDraft(ctx, by, &sc)
}

// Change applies a change to a draft that still has the revision the change was made
// on; ErrSchemeStale when somebody was faster, ErrSchemeAdopted when it is no draft.
func (s *Store) Change(ctx context.Context, by org.Actor, id int64, revision int, change func(sc *Scheme) error) error {
	if err := run(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		sc, at, err := lockDraft(ctx, tx, id)
		if err != nil {
			return err
		}
		if at != revision {
			return ErrSchemeStale
		}
		code, version := sc.Code, sc.Version
		if err := change(sc); err != nil {
			return err
		}
		sc.Code, sc.Version = code, version
		doc, err := sc.Canonical()
		if err != nil {
			return err
		}
		const q = `UPDATE schemes SET doc = $2, revision = revision + 1, changed_at = $3, changed_by = $4 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, doc, s.now(), by.Account); err != nil {
			return fmt.Errorf("change scheme: %w", err)
		}
		return record.Append(ctx, tx, by, "scheme.changed", fmt.Sprintf("scheme:%d", id), map[string]any{"revision": revision + 1})
	})
}

func lockDraft(ctx context.Context, tx *sqlx.Tx, id int64) (*Scheme, int, error) {
	var row struct {
		Doc      []byte     `db:"doc"`
		Revision int        `db:"revision"`
		Adopted  *time.Time `db:"adopted_at"`
	}
	err := tx.GetContext(ctx, &row, `SELECT doc, revision, adopted_at FROM schemes WHERE id = $1 FOR UPDATE`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, fault.ErrNotFound
	}
	if err != nil {
		return nil, 0, fmt.Errorf("lock scheme: %w", err)
	}
	if row.Adopted != nil {
		return nil, 0, ErrSchemeAdopted
	}
	sc, err := ParseScheme(row.Doc)
	return sc, row.Revision, err
}

// DeleteDraft deletes a draft.
func (s *Store) DeleteDraft(ctx context.Context, by org.Actor, id int64) error {
	if err := run(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, _, err := lockDraft(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM schemes WHERE id = $1`, id); err != nil {
			return fmt.Errorf("delete scheme: %w", err)
		}
		return record.Append(ctx, tx, by, "scheme.deleted", fmt.Sprintf("scheme:%d", id), nil)
	})
}

// fitTo returns the scheme with measures that the facts of another scheme have not
// read by the first one they have: what a dry run can show of new questions.
func (s *Scheme) fitTo(facts *Scheme) *Scheme {
	c := s.Clone()
	for i := range c.Trees {
		c.Trees[i].each(func(n *Node, _ Exact) {
			if n.Source != nil && n.Source.Kind == FromAppraisal && len(facts.Measures) > 0 {
				if _, known := facts.Measure(n.Source.Measure); !known {
					n.Source.Measure = facts.Measures[0].Code
				}
			}
		})
	}
	return c
}

// AdoptScheme makes a draft the scheme of campaigns from now on. It must hold
// together, and have been tried on a year's facts where there are any.
func (s *Store) AdoptScheme(ctx context.Context, by org.Actor, id int64) error {
	if err := run(by); err != nil {
		return err
	}
	years, err := s.PublishedYears(ctx)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		sc, _, err := lockDraft(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := sc.Validate(); err != nil {
			return err
		}
		var tried bool
		if err := tx.GetContext(ctx, &tried, `SELECT coalesce(dry_run_hash = sha256(convert_to(doc::text, 'UTF8')), false) FROM schemes WHERE id = $1`, id); err != nil {
			return fmt.Errorf("look for the dry run: %w", err)
		}
		if !tried && len(years) > 0 {
			return ErrSchemeUntried
		}
		if _, err := tx.ExecContext(ctx, `UPDATE schemes SET adopted_at = $2, adopted_by = $3 WHERE id = $1`, id, s.now(), by.Account); err != nil {
			return fmt.Errorf("adopt scheme: %w", err)
		}
		return record.Append(ctx, tx, by, "scheme.adopted", fmt.Sprintf("scheme:%d", id), map[string]any{"scheme": sc.Label()})
	})
}

// ExportScheme returns a scheme as a file a person can read.
func (s *Scheme) ExportScheme() ([]byte, error) {
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write scheme: %w", err)
	}
	return append(b, '\n'), nil
}

// Difference of two schemes: a place and what stands there in each.
type SchemeDifference struct {
	Place    string // path in the file: trees.0.parts.1.weight
	Old, New string
}

// Differences lists where two schemes differ, in the order of the file.
func Differences(a, b *Scheme) ([]SchemeDifference, error) {
	x, err := flat(a)
	if err != nil {
		return nil, err
	}
	y, err := flat(b)
	if err != nil {
		return nil, err
	}
	var places []string
	for _, m := range []map[string]string{x, y} {
		for p := range m {
			if !slices.Contains(places, p) {
				places = append(places, p)
			}
		}
	}
	slices.Sort(places)
	var out []SchemeDifference
	for _, p := range places {
		if x[p] != y[p] && p != "version" {
			out = append(out, SchemeDifference{p, x[p], y[p]})
		}
	}
	return out, nil
}

// flat writes a scheme as paths and values; parts of lists go by their code where
// they have one, so that an inserted one does not make all others differ.
func flat(s *Scheme) (map[string]string, error) {
	b, err := s.Canonical()
	if err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, fmt.Errorf("read scheme: %w", err)
	}
	out := map[string]string{}
	flatten("", v, out)
	return out, nil
}

func flatten(path string, v any, out map[string]string) {
	under := func(key string) string {
		if path == "" {
			return key
		}
		return path + "." + key
	}
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			flatten(under(k), x, out)
		}
	case []any:
		for i, x := range v {
			key := fmt.Sprint(i + 1)
			if m, ok := x.(map[string]any); ok {
				if code, ok := m["code"].(string); ok {
					key = code
				}
			}
			flatten(under(key), x, out)
		}
	case nil:
	default:
		out[path] = fmt.Sprint(v)
	}
}
