package feedback

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// LeastComments is how many comments, from as many companies, a batch needs.
const LeastComments = 5

// Errors of the redaction desk.
var (
	ErrOtherOffice = fault.New(fault.Conflict, "comment.other-office")
	ErrBatchSmall  = fault.New(fault.Conflict, "comment.batch-small")
	ErrBatchOpen   = fault.New(fault.Conflict, "comment.batch-open")
)

// Comment is a text of a sheet on its way to the unit.
type Comment struct {
	SheetNo  string     `db:"no"`
	Part     string     `db:"part"`
	Original string     `db:"original"`
	Release  string     `db:"release"` // yes, or summary: then an office writes it in its own words
	Lang     string     `db:"lang"`
	Unit     org.UnitID `db:"unit_id"`
	UnitName org.Names  `db:"unit"`
	Company  org.Names  `db:"company"`
	Year     int        `db:"year"`
	Quarter  int        `db:"quarter"`
	State    string     `db:"state"` // "" waits; proposed, hold_proposed, agreed, held, released
	Text     string     `db:"text"`
	Why      string     `db:"why"`
	Office   string     `db:"proposed_office"`
	By       string     `db:"proposed_by"`
}

// the texts that may go to a unit at all: only where the writer allowed it
const commentTables = ` FROM (SELECT sh.id, sh.no, sh.visit_id, sh.release, sh.lang, p.part, p.original FROM sheets sh
		CROSS JOIN LATERAL (VALUES ('opinion', sh.opinion), ('suggestion', sh.suggestion)) p (part, original)
		WHERE sh.release IN ('yes', 'summary') AND (sh.opinion <> '' OR sh.suggestion <> '') AND p.original <> '') t
	JOIN visits v ON v.id = t.visit_id JOIN units u ON u.id = v.unit_id JOIN companies c ON c.id = v.company_id
	LEFT JOIN comments m ON m.sheet_id = t.id AND m.part = t.part LEFT JOIN accounts a ON a.id = m.proposed_by `

const commentColumns = `t.no, t.part, t.original, t.release, t.lang, v.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru",
	c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", v.year, v.quarter, coalesce(m.state, '') AS state, coalesce(m.text, '') AS text,
	coalesce(m.why, '') AS why, coalesce(m.proposed_office, '') AS proposed_office, coalesce(a.name, '') AS proposed_by`

// Desk returns what waits for the actor's office: texts nobody has read yet, and those
// the other office has proposed for. Only the two offices see it.
func (s *Store) Desk(ctx context.Context, by org.Actor) ([]Comment, error) {
	if !by.IsOffice() {
		return nil, fault.ErrNotFound
	}
	var out []Comment
	q := `SELECT ` + commentColumns + commentTables + `WHERE m.id IS NULL OR (m.state IN ('proposed', 'hold_proposed') AND m.proposed_office <> $1) ORDER BY m.id IS NULL, v.year, v.quarter, t.no, t.part LIMIT 200`
	if err := s.db.SelectContext(ctx, &out, q, by.Kind); err != nil {
		return nil, fmt.Errorf("read the redaction desk: %w", err)
	}
	return out, nil
}

// Comment returns one text of the desk, with the names on record that would tell its writer.
func (s *Store) Comment(ctx context.Context, by org.Actor, no, part string) (Comment, []string, error) {
	if !by.IsOffice() {
		return Comment{}, nil, fault.ErrNotFound
	}
	var c Comment
	err := s.db.GetContext(ctx, &c, `SELECT `+commentColumns+commentTables+`WHERE t.no = $1 AND t.part = $2`, no, part)
	if errors.Is(err, sql.ErrNoRows) {
		return c, nil, fault.ErrNotFound
	}
	if err != nil {
		return c, nil, fmt.Errorf("read text of sheet: %w", err)
	}
	var known []string
	const q = `SELECT DISTINCT n FROM companies c, LATERAL (VALUES (c.name_zh), (c.name_en), (c.name_ru), (c.head_name)) x (n) WHERE n <> '' AND position(n IN $1) > 0`
	if err := s.db.SelectContext(ctx, &known, q, c.Original); err != nil {
		return c, nil, fmt.Errorf("look for known names: %w", err)
	}
	return c, known, nil
}

// ProposeComment is the first office's word on a text: as the unit may read it, or held back with
// the reason. A text its writer wants summarised may not go out as it was written.
func (s *Store) ProposeComment(ctx context.Context, by org.Actor, no, part, text string, hold bool, why string) error {
	c, _, err := s.Comment(ctx, by, no, part)
	if err != nil {
		return err
	}
	f := fault.Fields{}
	state := "proposed"
	if hold {
		state, text = "hold_proposed", ""
		f.Length("why", why, MinReason, MaxReason)
	} else {
		why = ""
		f.Length("text", text, 2, MaxText)
		if c.Release == "summary" && strings.TrimSpace(text) == strings.TrimSpace(c.Original) {
			f.Add("text", "comment.not-summarised")
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO comments (sheet_id, part, state, text, why, proposed_by, proposed_office, proposed_at) SELECT id, $2, $3, $4, $5, $6, $7, $8 FROM sheets WHERE no = $1
			ON CONFLICT ON CONSTRAINT comments_one DO NOTHING`
		res, err := tx.ExecContext(ctx, q, no, part, state, text, why, by.Account, by.Kind, s.now())
		if err != nil {
			return fmt.Errorf("propose for a text: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrState)
		}
		return record.Append(ctx, tx, by, "comment."+state, "sheet:"+no, map[string]any{"part": part})
	})
}

// AgreeComment is the other office's word: it agrees with what was proposed, or gives it back.
func (s *Store) AgreeComment(ctx context.Context, by org.Actor, no, part string, agree bool) error {
	if !by.IsOffice() {
		return fault.ErrNotFound
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var m struct {
			ID     int64  `db:"id"`
			State  string `db:"state"`
			Office string `db:"proposed_office"`
		}
		const q = `SELECT m.id, m.state, m.proposed_office FROM comments m JOIN sheets sh ON sh.id = m.sheet_id WHERE sh.no = $1 AND m.part = $2 FOR UPDATE OF m`
		err := tx.GetContext(ctx, &m, q, no, part)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fault.ErrNotFound
		case err != nil:
			return fmt.Errorf("lock text: %w", err)
		case m.Office == string(by.Kind):
			return ErrOtherOffice
		case m.State != "proposed" && m.State != "hold_proposed":
			return ErrState
		}
		action := "comment.returned"
		if agree {
			action = "comment.agreed"
			_, err = tx.ExecContext(ctx, `UPDATE comments SET state = CASE state WHEN 'proposed' THEN 'agreed' ELSE 'held' END, agreed_by = $2, agreed_office = $3, agreed_at = $4 WHERE id = $1`, m.ID, by.Account, by.Kind, s.now())
		} else {
			_, err = tx.ExecContext(ctx, `DELETE FROM comments WHERE id = $1`, m.ID)
		}
		if err != nil {
			return fmt.Errorf("decide on a text: %w", err)
		}
		return record.Append(ctx, tx, by, action, "sheet:"+no, map[string]any{"part": part})
	})
}

// Batch is what could go, or went, to a unit of a quarter.
type Batch struct {
	Unit      org.UnitID `db:"unit_id"`
	UnitName  org.Names  `db:"unit"`
	Year      int        `db:"year"`
	Quarter   int        `db:"quarter"`
	Agreed    int        `db:"agreed"`
	Companies int        `db:"companies"`
	Released  *time.Time `db:"released_at"`
}

// Ready reports whether the batch is large enough: at least five texts from at least five
// companies, so that none of them can be told by elimination.
func (b Batch) Ready() bool {
	return b.Released == nil && b.Agreed >= LeastComments && b.Companies >= LeastComments
}

// notHanded leaves out the texts of sheets that were handed to the unit by name: it knows whose
// they are, and they would hide nobody in a batch.
const notHanded = ` AND NOT EXISTS (SELECT FROM rectifications r WHERE r.sheet_id = sh.id AND r.handed_at IS NOT NULL)`

// Batches returns the batches of texts both offices agreed on, by unit and quarter.
func (s *Store) Batches(ctx context.Context, by org.Actor) ([]Batch, error) {
	if !by.IsOffice() {
		return nil, fault.ErrNotFound
	}
	var out []Batch
	const q = `SELECT v.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", v.year, v.quarter, count(*) AS agreed, count(DISTINCT v.company_id) AS companies, max(b.released_at) AS released_at
		FROM comments m JOIN sheets sh ON sh.id = m.sheet_id JOIN visits v ON v.id = sh.visit_id JOIN units u ON u.id = v.unit_id
		LEFT JOIN comment_batches b ON b.unit_id = v.unit_id AND b.year = v.year AND b.quarter = v.quarter
		WHERE m.state IN ('agreed', 'released')` + notHanded + ` GROUP BY v.unit_id, u.name_zh, u.name_en, u.name_ru, u.class, u.code, v.year, v.quarter ORDER BY v.year DESC, v.quarter DESC, u.class, u.code`
	if err := s.db.SelectContext(ctx, &out, q); err != nil {
		return nil, fmt.Errorf("read batches of texts: %w", err)
	}
	return out, nil
}

// ReleaseBatch gives a unit the agreed texts of a quarter that has ended, all at once and
// once. What is agreed later stays with the offices: one more text would tell its writer.
func (s *Store) ReleaseBatch(ctx context.Context, by org.Actor, unit org.UnitID, year, quarter int) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	if year < 2000 || quarter < 1 || quarter > 4 {
		return fault.ErrNotFound
	}
	ends := calendar.DateOf(time.Date(year, time.Month(3*quarter+1), 1, 0, 0, 0, 0, calendar.Shanghai))
	if s.today() < ends {
		return ErrBatchOpen
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		seed := make([]byte, 16)
		_, _ = rand.Read(seed)
		var id int64
		const add = `INSERT INTO comment_batches (unit_id, year, quarter, seed, released_at, released_by) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`
		err := tx.GetContext(ctx, &id, add, unit, year, quarter, seed, s.now(), by.Account)
		if postgres.Violates(err, "comment_batches_one") {
			return ErrState
		}
		if err != nil {
			return fmt.Errorf("make batch: %w", err)
		}
		var n struct {
			Texts     int `db:"texts"`
			Companies int `db:"companies"`
		}
		const move = `WITH moved AS (UPDATE comments m SET state = 'released', batch_id = $4 FROM sheets sh JOIN visits v ON v.id = sh.visit_id
				WHERE sh.id = m.sheet_id AND m.state = 'agreed' AND v.unit_id = $1 AND v.year = $2 AND v.quarter = $3` + notHanded + ` RETURNING v.company_id)
			SELECT count(*) AS texts, count(DISTINCT company_id) AS companies FROM moved`
		if err := tx.GetContext(ctx, &n, move, unit, year, quarter, id); err != nil {
			return fmt.Errorf("release batch: %w", err)
		}
		if n.Texts < LeastComments || n.Companies < LeastComments {
			return ErrBatchSmall
		}
		return record.Append(ctx, tx, by, "comment.batch", fmt.Sprintf("unit:%d", unit), map[string]any{"year": year, "quarter": quarter, "texts": n.Texts})
	})
}

// Released is a comment as its unit reads it: no date, no company, no language.
type Released struct {
	ID      int64      `db:"id"`
	Year    int        `db:"year"`
	Quarter int        `db:"quarter"`
	Text    string     `db:"text"`
	Read    *time.Time `db:"read_at"`
	Listed  *time.Time `db:"listed_at"`
}

// ReleasedComments returns the actor's unit's comments, the latest quarter first, within a
// quarter in the order of the batch's seed.
func (s *Store) ReleasedComments(ctx context.Context, by org.Actor) ([]Released, error) {
	if !by.OfUnit(by.Unit) {
		return nil, fault.ErrNotFound
	}
	var out []Released
	const q = `SELECT m.id, b.year, b.quarter, m.text, m.read_at, m.listed_at FROM comments m JOIN comment_batches b ON b.id = m.batch_id
		WHERE b.unit_id = $1 ORDER BY b.year DESC, b.quarter DESC, sha256(b.seed || convert_to(m.id::text, 'UTF8'))`
	if err := s.db.SelectContext(ctx, &out, q, by.Unit); err != nil {
		return nil, fmt.Errorf("read released comments: %w", err)
	}
	return out, nil
}

// MarkComment notes that the unit has read a comment, or put it on its list of corrections.
func (s *Store) MarkComment(ctx context.Context, by org.Actor, id int64, listed bool) error {
	if !by.OfUnit(by.Unit) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE comments m SET read_at = coalesce(m.read_at, $3), listed_at = CASE WHEN $4 THEN coalesce(m.listed_at, $3) ELSE m.listed_at END
			FROM comment_batches b WHERE b.id = m.batch_id AND b.unit_id = $2 AND m.id = $1`
		res, err := tx.ExecContext(ctx, q, id, by.Unit, s.now(), listed)
		if err != nil {
			return fmt.Errorf("mark comment: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.ErrNotFound)
		}
		return record.Append(ctx, tx, by, "comment.read", fmt.Sprintf("comment:%d", id), map[string]any{"listed": listed})
	})
}
