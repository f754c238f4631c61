package document

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
	"pingyi/feedback"
	"pingyi/locale"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Store keeps documents and makes letters of what happened.
type Store struct {
	db        *sqlx.DB
	now       func() time.Time
	cal       *calendar.Store
	feedback  *feedback.Store
	catalogue *locale.Catalogue
}

// NewStore returns a store over db.
func NewStore(db *sqlx.DB, now func() time.Time, cal *calendar.Store, fb *feedback.Store, catalogue *locale.Catalogue) *Store {
	return &Store{db: db, now: now, cal: cal, feedback: fb, catalogue: catalogue}
}

// lookBack is how far back letters are looked for; the clock runs every minute.
const lookBack = 60 * 24 * time.Hour

// MakeLetters turns what happened into letters that were not made yet, each once,
// however often and on however many machines it runs. It returns how many it made.
func (s *Store) MakeLetters(ctx context.Context) (int, error) {
	facts, err := s.feedback.LetterFacts(ctx, s.now().Add(-lookBack))
	if err != nil {
		return 0, err
	}
	orders, err := s.feedback.OrderFacts(ctx, s.now().Add(-lookBack))
	if err != nil {
		return 0, err
	}
	var letters []Document
	for _, f := range facts {
		t := s.catalogue.In(locale.Chinese)
		days := 0
		if f.Kind == feedback.ActFeedBack {
			t = s.catalogue.In(f.Lang)
		} else {
			cal, err := s.feedback.Calendar(ctx, f.Calendar)
			if err != nil {
				return 0, err
			}
			days = cal.Between(f.DeadlineOn, calendar.DateOf(f.At))
		}
		letters = append(letters, ofFact(t, f, days))
	}
	for _, o := range orders {
		letters = append(letters, ofOrder(s.catalogue.In(locale.Chinese), o))
	}
	return s.keep(ctx, letters)
}

// keep writes the documents whose source has none.
func (s *Store) keep(ctx context.Context, letters []Document) (int, error) {
	sources := make([]string, len(letters))
	for i, d := range letters {
		sources[i] = d.Source
	}
	var known []string
	if err := s.db.SelectContext(ctx, &known, `SELECT source FROM documents WHERE source = ANY($1)`, pq.Array(sources)); err != nil {
		return 0, fmt.Errorf("look for documents: %w", err)
	}
	have := map[string]bool{}
	for _, k := range known {
		have[k] = true
	}
	made := 0
	for _, d := range letters {
		if have[d.Source] {
			continue
		}
		err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error { return s.add(ctx, tx, d) })
		if postgres.Violates(err, "documents_source_key") { // another machine was first
			continue
		}
		if err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

// Issue numbers a document that an act itself makes and keeps it in the act's
// transaction; whom it concerns the act tells.
func (s *Store) Issue(ctx context.Context, tx *sqlx.Tx, by org.Actor, d Document) (Document, error) {
	if err := s.write(ctx, tx, &d); err != nil {
		return d, err
	}
	return d, record.Append(ctx, tx, by, "document.made", fmt.Sprintf("document:%d", d.ID), map[string]any{"no": d.No, "source": d.Source})
}

// add numbers a document, keeps it and tells its addressee, in one transaction.
func (s *Store) add(ctx context.Context, tx *sqlx.Tx, d Document) error {
	if err := s.write(ctx, tx, &d); err != nil {
		return err
	}
	m := notify.Message{Kind: "document-sent", Topic: "issue:" + d.Ref, Key: fmt.Sprintf("document-%d", d.ID), Args: map[string]string{"No": d.No, "Title": d.Title, "Ref": d.Ref}}
	switch {
	case d.Company != 0:
		m.To, m.Link = []notify.To{{Company: d.Company}}, fmt.Sprintf("/c/documents/%d", d.ID)
	case d.Unit != 0:
		m.To, m.Link = []notify.To{{Unit: d.Unit, Heads: d.Kind == Reminder}}, fmt.Sprintf("/d/documents/%d", d.ID)
	default:
		m.To, m.Link = []notify.To{{Body: org.BodySupervision}}, fmt.Sprintf("/o/documents/%d", d.ID)
	}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	return record.Append(ctx, tx, org.Portal, "document.made", fmt.Sprintf("document:%d", d.ID), map[string]any{"no": d.No, "source": d.Source})
}

// write draws the next number of the series and keeps the document.
func (s *Store) write(ctx context.Context, tx *sqlx.Tx, d *Document) error {
	var county string
	if err := tx.GetContext(ctx, &county, `SELECT name_zh FROM county`); err != nil {
		return fmt.Errorf("read the county's name: %w", err)
	}
	today := calendar.DateOf(s.now())
	var n int
	const draw = `INSERT INTO document_series (kind, year, last) VALUES ($1, $2, 1) ON CONFLICT (kind, year) DO UPDATE SET last = document_series.last + 1 RETURNING last`
	if err := tx.GetContext(ctx, &n, draw, d.Kind, today.Year()); err != nil {
		return fmt.Errorf("draw a document's number: %w", err)
	}
	d.No = number(county, d.Kind, today.Year(), n)
	const q = `INSERT INTO documents (kind, year, number, no, lang, title, unit_id, company_id, addressee, paragraphs, organ, copies, made_on, made_at, issue_ref, source)
		VALUES ($1, $2, $3, $4, $5, $6, nullif($7, 0), nullif($8, 0), $9, $10, $11, $12, $13, $14, nullif($15, ''), $16) RETURNING id`
	if err := tx.GetContext(ctx, &d.ID, q, d.Kind, today.Year(), n, d.No, d.Lang, d.Title, d.Unit, d.Company, d.Addressee, pq.Array(d.Paragraphs), d.Organ,
		pq.Array(append([]string{}, d.Copies...)), today, s.now(), d.Ref, d.Source); err != nil {
		return fmt.Errorf("keep document: %w", err)
	}
	return nil
}

// scope limits documents to those the actor may read: a unit those addressed to it, a
// company those addressed to it, the county's readers all.
func scope(a org.Actor) (where string, arg any, ok bool) {
	switch {
	case a.Role == org.RoleCompany:
		return `d.company_id = $1`, a.Company, true
	case a.OfUnit(a.Unit):
		return `d.unit_id = $1`, a.Unit, true
	case a.IsOffice(), a.Role == org.RoleSupervision && a.SignedIn():
		return `$1 = 0`, 0, true
	case a.IsLeader(): // letters to an investor may name him
		return `d.company_id IS NULL AND $1 = 0`, 0, true
	}
	return "", nil, false
}

const columns = `d.id, d.kind, d.no, d.lang, d.title, coalesce(d.unit_id, 0) AS unit_id, coalesce(u.name_zh, '') AS "unit.name_zh", coalesce(u.name_en, '') AS "unit.name_en",
	coalesce(u.name_ru, '') AS "unit.name_ru", coalesce(d.company_id, 0) AS company_id, d.addressee, d.organ, to_char(d.made_on, 'YYYY-MM-DD') AS made_on, d.made_at,
	coalesce(d.issue_ref, '') AS issue_ref, d.source, r.at AS received_at, coalesce(x.name, '') AS receiver
	FROM documents d LEFT JOIN units u ON u.id = d.unit_id LEFT JOIN document_receipts r ON r.document_id = d.id LEFT JOIN accounts x ON x.id = r.account_id `

// Filter narrows a list of documents.
type Filter struct {
	Kind       string
	Ref        string
	Page, Size int
}

// Documents returns a page of the documents the actor may read, the newest first, and
// how many there are.
func (s *Store) Documents(ctx context.Context, by org.Actor, f Filter) ([]Document, int, error) {
	where, arg, ok := scope(by)
	if !ok {
		return nil, 0, fault.ErrNotFound
	}
	where = `WHERE ` + where + ` AND ($2 = '' OR d.kind = $2) AND ($3 = '' OR d.issue_ref = $3)`
	var total int
	if err := s.db.GetContext(ctx, &total, `SELECT count(*) FROM documents d `+where, arg, f.Kind, f.Ref); err != nil {
		return nil, 0, fmt.Errorf("count documents: %w", err)
	}
	var out []Document
	if err := s.db.SelectContext(ctx, &out, `SELECT `+columns+where+` ORDER BY d.id DESC LIMIT $4 OFFSET $5`, arg, f.Kind, f.Ref, f.Size, max(0, f.Page-1)*f.Size); err != nil {
		return nil, 0, fmt.Errorf("list documents: %w", err)
	}
	return out, total, nil
}

// Document returns a document with its text to those who may read it.
func (s *Store) Document(ctx context.Context, by org.Actor, id int64) (Document, error) {
	where, arg, ok := scope(by)
	if !ok {
		return Document{}, fault.ErrNotFound
	}
	var d Document
	err := s.db.GetContext(ctx, &d, `SELECT `+columns+`WHERE `+where+` AND d.id = $2`, arg, id)
	if errors.Is(err, sql.ErrNoRows) {
		return d, fault.ErrNotFound
	}
	if err != nil {
		return d, fmt.Errorf("read document: %w", err)
	}
	err = s.db.QueryRowxContext(ctx, `SELECT paragraphs, copies FROM documents WHERE id = $1`, id).Scan(pq.Array(&d.Paragraphs), pq.Array(&d.Copies))
	if err != nil {
		return d, fmt.Errorf("read a document's text: %w", err)
	}
	return d, nil
}

// Receive is the addressee's acknowledgement; a second one changes nothing.
func (s *Store) Receive(ctx context.Context, by org.Actor, id int64) error {
	d, err := s.Document(ctx, by, id)
	if err != nil {
		return err
	}
	if !by.OfUnit(d.Unit) && (by.Role != org.RoleCompany || by.Company != d.Company) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, `INSERT INTO document_receipts (document_id, account_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, id, by.Account, s.now())
		if err != nil {
			return fmt.Errorf("acknowledge document: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return record.Append(ctx, tx, by, "document.received", fmt.Sprintf("document:%d", id), nil)
	})
}

// Waiting counts the documents that wait for the actor's acknowledgement.
func (s *Store) Waiting(ctx context.Context, by org.Actor) (map[string]int, error) {
	if !by.OfUnit(by.Unit) {
		return nil, nil
	}
	var n int
	if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM documents d WHERE d.unit_id = $1 AND NOT EXISTS (SELECT FROM document_receipts WHERE document_id = d.id)`, by.Unit); err != nil {
		return nil, fmt.Errorf("count documents: %w", err)
	}
	return map[string]int{"documents": n}, nil
}
