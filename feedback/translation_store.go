package feedback

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Translation is what an office wrote of a text in another language. It stands beside
// the original and never in its place; a later one of the same text and language is
// shown instead, the earlier one is kept.
type Translation struct {
	Event int64     `db:"event"` // of the step whose text it is; 0: of the issue's own text
	Lang  string    `db:"lang"`
	Title string    `db:"title"` // of the issue's own text
	Text  string    `db:"body"`
	By    string    `db:"by_name"` // "" for readers who see roles only
	At    time.Time `db:"at"`
}

// TranslationLangs are the languages a text can be translated into.
var TranslationLangs = []string{"zh-CN", "en", "ru"}

// MayTranslate reports whether the actor may add a translation to the issue.
func (i Issue) MayTranslate(a org.Actor) bool { return a.IsOffice() }

// Translate adds a translation of the issue's own text, or of the text of one of its
// steps that the investor sees. The same idem adds nothing again.
func (s *Store) Translate(ctx context.Context, by org.Actor, ref string, t Translation, idem string) error {
	i, err := s.Issue(ctx, by, ref)
	if err != nil {
		return err
	}
	if !i.MayTranslate(by) {
		return fault.ErrForbidden
	}
	original := i.Lang
	if t.Event != 0 {
		original = "" // judged by who translates it
		if err := s.hasText(ctx, i, t.Event); err != nil {
			return err
		}
	}
	f := fault.Fields{}
	if !slices.Contains(TranslationLangs, t.Lang) || t.Lang == original {
		f.Add("lang", "translation.lang-missing")
	}
	if t.Event == 0 {
		f.Length("title", t.Title, 2, 2*MaxTitle)
	} else {
		t.Title = ""
	}
	f.Length("text", t.Text, 2, 2*MaxBody)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO issue_translations (issue_id, event_id, lang, title, body, translator, at, idem) VALUES ($1, nullif($2, 0), $3, $4, $5, $6, $7, $8)
			ON CONFLICT (idem) DO NOTHING`
		r, err := tx.ExecContext(ctx, q, i.ID, t.Event, t.Lang, t.Title, t.Text, by.Account, s.now(), idem)
		if err != nil {
			return fmt.Errorf("keep translation: %w", err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err // the same post again
		}
		return record.Append(ctx, tx, by, "issue.translated", "issue:"+ref, map[string]any{"lang": t.Lang, "event": t.Event})
	})
}

// hasText refuses a step without a text that the investor sees, with ErrNotFound.
func (s *Store) hasText(ctx context.Context, i Issue, event int64) error {
	var ok bool
	const q = `SELECT EXISTS (SELECT FROM issue_events WHERE issue_id = $1 AND id = $2 AND body <> '' AND NOT internal)`
	if err := s.db.GetContext(ctx, &ok, q, i.ID, event); err != nil {
		return fmt.Errorf("read the step: %w", err)
	}
	if !ok {
		return fault.ErrNotFound
	}
	return nil
}

// Translations returns the latest translation of each text and language of an issue,
// to those who may read its text. Who raised it sees roles, not names.
func (s *Store) Translations(ctx context.Context, by org.Actor, i Issue) ([]Translation, error) {
	if i.Body == "" {
		return nil, nil // the reader does not read the text
	}
	var out []Translation
	const q = `SELECT DISTINCT ON (t.event_id, t.lang) coalesce(t.event_id, 0) AS event, t.lang, t.title, t.body, a.name AS by_name, t.at
		FROM issue_translations t JOIN accounts a ON a.id = t.translator WHERE t.issue_id = $1 ORDER BY t.event_id NULLS FIRST, t.lang, t.id DESC`
	if err := s.db.SelectContext(ctx, &out, q, i.ID); err != nil {
		return nil, fmt.Errorf("read translations: %w", err)
	}
	if by.Is(org.RoleCompany, org.RoleChamber, org.RolePublic) {
		for n := range out {
			out[n].By = ""
		}
	}
	return out, nil
}
