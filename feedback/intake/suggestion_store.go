package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const suggestionColumns = `SELECT x.ref, x.company_id, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", x.made_at, x.title, x.body, x.lang, x.named,
	coalesce(x.unit_id, 0) AS unit_id, coalesce(u.name_zh, '') AS "unit.name_zh", coalesce(u.name_en, '') AS "unit.name_en", coalesce(u.name_ru, '') AS "unit.name_ru",
	coalesce(x.reply, '') AS reply, x.reason, coalesce(r.name_zh, '') AS "replied_unit.name_zh", coalesce(r.name_en, '') AS "replied_unit.name_en", coalesce(r.name_ru, '') AS "replied_unit.name_ru", x.replied_at
	FROM suggestions x JOIN companies c ON c.id = x.company_id LEFT JOIN units u ON u.id = x.unit_id LEFT JOIN units r ON r.id = x.replied_unit `

// suggestionScope limits suggestions to what the actor may see: a company its own, a
// unit those addressed to it, offices and the supervision office all.
func suggestionScope(a org.Actor) (where string, arg any, ok bool) {
	switch {
	case a.Role == org.RoleCompany:
		return `x.company_id = $1`, a.Company, true
	case a.Is(org.RoleHead, org.RoleOfficer):
		return `x.unit_id = $1`, a.Unit, true
	case duty(a):
		return `$1::bigint IS NOT NULL`, 0, true
	}
	return "", nil, false
}

// veil takes out the company where the actor may not learn it.
func (x Suggestion) veil(a org.Actor) Suggestion {
	if !duty(a) && a.Role != org.RoleCompany && !x.Named {
		x.Company, x.CompanyName = 0, org.Names{}
	}
	return x
}

// Suggest files a suggestion of the actor's company and returns its number. The same
// idem returns the same number.
func (s *Store) Suggest(ctx context.Context, by org.Actor, d SuggestionDraft, idem string) (string, error) {
	if by.Role != org.RoleCompany {
		return "", fault.ErrForbidden
	}
	if err := d.check(); err != nil {
		return "", err
	}
	var ref string
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := only(ctx, tx, idem); err != nil {
			return err
		}
		err := tx.GetContext(ctx, &ref, `SELECT ref FROM suggestions WHERE idem = $1`, idem)
		if err == nil {
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for the suggestion: %w", err)
		}
		if ref, err = number(ctx, tx, "suggestion", "JY-%d-%03d", s.today().Year()); err != nil {
			return err
		}
		var unit org.UnitID
		const q = `INSERT INTO suggestions (ref, company_id, made_by, made_at, title, body, lang, named, unit_id, idem)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT id FROM units WHERE id = $9 AND active), $10) RETURNING coalesce(unit_id, 0)`
		if err := tx.GetContext(ctx, &unit, q, ref, by.Company, by.Account, s.now(), d.Title, d.Body, d.Lang, d.Named, d.Unit, idem); err != nil {
			return fmt.Errorf("file suggestion: %w", err)
		}
		if err := s.tellSuggested(ctx, tx, ref, unit); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "suggestion.made", "suggestion:"+ref, nil)
	})
	return ref, err
}

// tellSuggested tells whoever is to reply.
func (s *Store) tellSuggested(ctx context.Context, tx *sqlx.Tx, ref string, unit org.UnitID) error {
	m := notify.Message{Kind: "suggestion-made", To: []notify.To{{Body: org.BodyGovernmentOffice}}, Topic: "suggestion:" + ref, Link: "/o/suggestions/" + ref,
		Args: map[string]string{"Ref": ref}, Key: fmt.Sprintf("suggestion-made-%s-%d", ref, unit)}
	if unit != 0 {
		m.To, m.Link = []notify.To{{Unit: unit}}, "/d/suggestions/"+ref
	}
	return notify.Post(ctx, tx, s.now(), m)
}

// Suggestions returns a page of the suggestions the actor may see, open ones first
// (only: those alone), the newest first, and how many there are.
func (s *Store) Suggestions(ctx context.Context, by org.Actor, open bool, page, size int) ([]Suggestion, int, error) {
	scope, arg, ok := suggestionScope(by)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	where := `WHERE ` + scope + ` AND (NOT $2 OR x.reply IS NULL)`
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM suggestions x `+where, arg, open); err != nil {
		return nil, 0, fmt.Errorf("count suggestions: %w", err)
	}
	var out []Suggestion
	const order = ` ORDER BY x.reply IS NOT NULL, x.id DESC`
	if err := s.db.SelectContext(ctx, &out, suggestionColumns+`WHERE x.id IN (SELECT x.id FROM suggestions x `+where+order+` LIMIT $3 OFFSET $4)`+order, arg, open, size, max(0, page-1)*size); err != nil {
		return nil, 0, fmt.Errorf("list suggestions: %w", err)
	}
	for i := range out {
		out[i] = out[i].veil(by)
	}
	return out, total, nil
}

// Adoption counts what became of the suggestions the actor may see.
func (s *Store) Adoption(ctx context.Context, by org.Actor) (Adoption, error) {
	scope, arg, ok := suggestionScope(by)
	if !ok {
		return Adoption{}, fault.ErrNotFound
	}
	var a Adoption
	q := `SELECT count(*) FILTER (WHERE reply = 'adopted') AS adopted, count(*) FILTER (WHERE reply = 'partly') AS partly, count(*) FILTER (WHERE reply = 'not') AS refused,
		count(*) FILTER (WHERE reply IS NULL) AS open FROM suggestions x WHERE ` + scope
	if err := s.db.GetContext(ctx, &a, q, arg); err != nil {
		return a, fmt.Errorf("count replies: %w", err)
	}
	return a, nil
}

// Suggestion returns one suggestion to those who may see it; ErrNotFound to others.
func (s *Store) Suggestion(ctx context.Context, by org.Actor, ref string) (Suggestion, error) {
	return s.suggestion(ctx, s.db, by, ref, "")
}

func (s *Store) suggestion(ctx context.Context, db sqlx.QueryerContext, by org.Actor, ref, lock string) (Suggestion, error) {
	scope, arg, ok := suggestionScope(by)
	if !ok {
		return Suggestion{}, fault.ErrNotFound
	}
	var x Suggestion
	err := sqlx.GetContext(ctx, db, &x, suggestionColumns+`WHERE `+scope+` AND x.ref = $2`+lock, arg, ref)
	if errors.Is(err, sql.ErrNoRows) {
		return x, fault.ErrNotFound
	}
	if err != nil {
		return x, fmt.Errorf("read suggestion: %w", err)
	}
	return x.veil(by), nil
}

// Reply says what becomes of a suggestion, with the reason; once. The company is told.
func (s *Store) Reply(ctx context.Context, by org.Actor, ref, word, reason string) error {
	if err := checkReply(word, reason); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		x, err := s.suggestion(ctx, tx, by, ref, ` FOR UPDATE OF x`)
		if err != nil {
			return err
		}
		if x.Reply != "" {
			return ErrMoved
		}
		if !x.MayReply(by) {
			return fault.ErrForbidden
		}
		var company org.CompanyID
		const q = `UPDATE suggestions SET reply = $2, reason = $3, replied_by = $4, replied_unit = nullif($5::bigint, 0), replied_at = $6 WHERE ref = $1 RETURNING company_id`
		if err := tx.GetContext(ctx, &company, q, ref, word, reason, by.Account, by.Unit, s.now()); err != nil {
			return fmt.Errorf("reply: %w", err)
		}
		m := notify.Message{Kind: "suggestion-replied", To: []notify.To{{Company: company}}, Topic: "suggestion:" + ref, Link: "/c/suggestions/" + ref,
			Args: map[string]string{"Ref": ref, "Reply": "text:suggestion.reply-" + word}, Key: "suggestion-replied-" + ref}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "suggestion.replied", "suggestion:"+ref, map[string]any{"reply": word})
	})
}

// Pass gives an open suggestion to the unit it concerns; the offices do.
func (s *Store) Pass(ctx context.Context, by org.Actor, ref string, unit org.UnitID) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		x, err := s.suggestion(ctx, tx, by, ref, ` FOR UPDATE OF x`)
		if err != nil {
			return err
		}
		if x.Reply != "" {
			return ErrMoved
		}
		res, err := tx.ExecContext(ctx, `UPDATE suggestions SET unit_id = u.id FROM units u WHERE suggestions.ref = $1 AND u.id = $2 AND u.active`, ref, unit)
		if err != nil {
			return fmt.Errorf("pass suggestion: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return fault.Field("unit", "suggestion.unit-missing")
		}
		if err := s.tellSuggested(ctx, tx, ref, unit); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "suggestion.passed", "suggestion:"+ref, map[string]any{"unit": unit})
	})
}

func (s *Store) findSuggestions(ctx context.Context, by org.Actor, q, _ string) (Found, error) {
	scope, arg, ok := suggestionScope(by)
	if !ok {
		return Found{}, fault.ErrNotFound
	}
	var found []Suggestion
	stmt := suggestionColumns + `WHERE ` + scope + ` AND (x.grams @@ gram_query($2) AND x.plain LIKE ALL (word_patterns($2)) OR x.ref = upper($2)) ORDER BY x.id DESC LIMIT $3`
	if err := s.db.SelectContext(ctx, &found, stmt, arg, q, perKind+1); err != nil {
		return Found{}, fmt.Errorf("find suggestions: %w", err)
	}
	f := Found{Kind: "suggestion"}
	for _, x := range found {
		f.Hits = append(f.Hits, Hit{Kind: "suggestion", Ref: x.Ref, Title: Snippet(x.Title, q, 80), Text: Snippet(x.Body, q, 120), Lang: x.Lang})
	}
	return f, nil
}
