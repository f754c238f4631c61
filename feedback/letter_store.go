package feedback

import (
	"context"
	"fmt"
	"time"

	"pingyi/calendar"
	"pingyi/org"
)

// LetterFact is something that happened to an issue and goes out as an official letter:
// a step of the overdue ladder (head, supervision, transfer) or the result told to the
// investor.
type LetterFact struct {
	Event       int64         `db:"id"`
	Kind        Act           `db:"kind"`
	Step        string        `db:"step"`
	At          time.Time     `db:"at"`
	Text        string        `db:"body"`
	Ref         string        `db:"ref"`
	Title       string        `db:"title"`
	Lang        string        `db:"lang"`
	Unit        org.UnitID    `db:"unit_id"`
	UnitName    org.Names     `db:"unit"`
	Company     org.CompanyID `db:"company_id"`
	CompanyName org.Names     `db:"company"`
	DeadlineOn  calendar.Date `db:"deadline_on"`
	Calendar    int64         `db:"calendar_version"`
}

// LetterFacts returns what went out as letters since a moment, oldest first.
func (s *Store) LetterFacts(ctx context.Context, since time.Time) ([]LetterFact, error) {
	var out []LetterFact
	const q = `SELECT e.id, e.kind, coalesce(e.data->>'step', '') AS step, e.at, e.body, i.ref, i.title, i.lang, coalesce(i.lead_unit_id, 0) AS unit_id,
			coalesce(u.name_zh, '') AS "unit.name_zh", coalesce(u.name_en, '') AS "unit.name_en", coalesce(u.name_ru, '') AS "unit.name_ru",
			coalesce(i.company_id, 0) AS company_id, coalesce(c.name_zh, b.name_zh, '') AS "company.name_zh", coalesce(c.name_en, b.name_en, '') AS "company.name_en", coalesce(c.name_ru, b.name_ru, '') AS "company.name_ru",
			coalesce(e.data->>'deadline', to_char(i.deadline_on, 'YYYY-MM-DD'), '') AS deadline_on, coalesce(i.calendar_version, 0) AS calendar_version
		FROM issue_events e JOIN issues i ON i.id = e.issue_id LEFT JOIN companies c ON c.id = i.company_id LEFT JOIN bodies b ON i.origin = 'chamber' AND b.kind = 'chamber'
		LEFT JOIN units u ON u.id = i.lead_unit_id WHERE (i.origin <> 'anonymous' OR e.kind = 'remind') AND e.at >= $1 AND e.kind IN ('remind', 'feed_back') AND (e.kind = 'feed_back' OR e.data->>'step' IN ('head', 'supervision', 'transfer')) ORDER BY e.id`
	if err := s.db.SelectContext(ctx, &out, q, since); err != nil {
		return nil, fmt.Errorf("read what goes out as letters: %w", err)
	}
	return out, nil
}

// OrderFacts returns the orders issued since a moment, oldest first.
func (s *Store) OrderFacts(ctx context.Context, since time.Time) ([]Order, error) {
	var out []Order
	if err := s.db.SelectContext(ctx, &out, `SELECT `+orderColumns+orderTables+`WHERE o.issued_at >= $1 ORDER BY o.id`, since); err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return out, nil
}
