package evaluation

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// PanelEntry is a direct score as an office enters it, as typed.
type PanelEntry struct {
	Unit     org.UnitID
	Panel    string
	Scorer   string // as the panel's sheet names him
	Score    string
	Evidence string
}

// PanelRow is a direct score as kept; struck ones stay readable and count for nothing.
type PanelRow struct {
	ID        int64      `db:"id"`
	Unit      org.UnitID `db:"unit_id"`
	UnitName  org.Names  `db:"unit"`
	Panel     string     `db:"panel"`
	Scorer    string     `db:"scorer"`
	Score     string     `db:"score"`
	Evidence  string     `db:"evidence"`
	EnteredBy string     `db:"entered_by"`
	Entered   time.Time  `db:"entered_at"`
	Struck    *time.Time `db:"struck_at"`
	StruckWhy string     `db:"struck_why"`
}

// MaxScorer is the limit of a scorer's name, in characters.
const MaxScorer = 60

// AddPanelScore enters a direct score with its evidence; one panel's scorer scores a
// unit once a year.
func (s *Store) AddPanelScore(ctx context.Context, by org.Actor, year int, e PanelEntry) error {
	if err := run(by); err != nil {
		return err
	}
	sc, err := s.SchemeOf(ctx, year)
	if err != nil {
		return err
	}
	f := fault.Fields{}
	e.Scorer, e.Score = strings.TrimSpace(e.Scorer), normalMoney(e.Score)
	if _, ok := sc.Panel(e.Panel); !ok {
		f.Add("panel", "panel.unknown")
	}
	if e.Unit == 0 {
		f.Add("unit", "year.unit-missing")
	}
	if n := utf8.RuneCountInString(e.Scorer); n == 0 || n > MaxScorer {
		f.Add("scorer", "panel.scorer-missing")
	}
	if !amount.MatchString(e.Score) || !Decimal(e.Score).between(0, 100) {
		f.Add("score", "panel.score-range")
	}
	checkEvidence(f, e.Evidence)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `INSERT INTO panel_scores (year, unit_id, panel, scorer, score, evidence, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5::numeric, $6, $7, $8)`
		_, err := tx.ExecContext(ctx, q, year, e.Unit, e.Panel, e.Scorer, e.Score, e.Evidence, by.Account, s.now())
		if postgres.Violates(err, "panel_scores_once") {
			return fault.Field("scorer", "panel.twice")
		}
		if err != nil {
			return fmt.Errorf("add panel score: %w", err)
		}
		return record.Append(ctx, tx, by, "panel.scored", fmt.Sprintf("unit:%d", e.Unit), map[string]any{"year": year, "panel": e.Panel})
	})
}

// StrikePanelScore strikes a direct score out with a reason; it stays readable.
func (s *Store) StrikePanelScore(ctx context.Context, by org.Actor, id int64, why string) error {
	if err := run(by); err != nil {
		return err
	}
	if utf8.RuneCountInString(why) < 5 {
		return fault.Field("why", "year.why-missing")
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE panel_scores SET struck_at = $2, struck_by = $3, struck_why = $4 WHERE id = $1 AND struck_at IS NULL`
		if _, err := tx.ExecContext(ctx, q, id, s.now(), by.Account, why); err != nil {
			return fmt.Errorf("strike panel score: %w", err)
		}
		return record.Append(ctx, tx, by, "panel.struck", fmt.Sprintf("panel-score:%d", id), nil)
	})
}

// PanelScores returns a year's direct scores to those who compile.
func (s *Store) PanelScores(ctx context.Context, by org.Actor, year int) ([]PanelRow, error) {
	if !runs(by) && by.Role != org.RoleSupervision {
		return nil, fault.ErrNotFound
	}
	var out []PanelRow
	const q = `SELECT p.id, p.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", p.panel, p.scorer,
			trim_scale(p.score)::text AS score, p.evidence, a.name AS entered_by, p.entered_at, p.struck_at, p.struck_why
		FROM panel_scores p JOIN units u ON u.id = p.unit_id JOIN accounts a ON a.id = p.entered_by WHERE p.year = $1 ORDER BY p.panel, u.code, p.id`
	if err := s.db.SelectContext(ctx, &out, q, year); err != nil {
		return nil, fmt.Errorf("list panel scores: %w", err)
	}
	return out, nil
}

func panelFacts(ctx context.Context, tx *sqlx.Tx, year int) (map[org.UnitID][]PanelScore, error) {
	var rows []struct {
		Unit  org.UnitID `db:"unit_id"`
		Panel string     `db:"panel"`
		Score string     `db:"score"`
	}
	const q = `SELECT unit_id, panel, score::text FROM panel_scores WHERE year = $1 AND struck_at IS NULL ORDER BY unit_id, panel, score`
	if err := tx.SelectContext(ctx, &rows, q, year); err != nil {
		return nil, fmt.Errorf("read panel scores: %w", err)
	}
	out := map[org.UnitID][]PanelScore{}
	for _, r := range rows {
		out[r.Unit] = append(out[r.Unit], PanelScore{r.Panel, Decimal(r.Score)})
	}
	return out, nil
}
