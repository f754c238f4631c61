package evaluation

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// SuspicionCase is a suspicion with how far two people have decided it.
type SuspicionCase struct {
	Suspicion
	Number     int           `db:"number"`
	State      string        `db:"state"` // open, first, confirmed, dismissed
	First      string        `db:"first"`
	FirstBy    org.AccountID `db:"first_by"`
	FirstAt    *time.Time    `db:"first_at"`
	FirstWord  string        `db:"first_word"` // confirmed, dismissed
	FirstText  string        `db:"first_text"`
	Second     string        `db:"second"`
	SecondAt   *time.Time    `db:"second_at"`
	SecondText string        `db:"second_text"`
	Doc        []byte        `db:"doc"`
}

// Errors of suspicion cases.
var (
	ErrSecondPerson = fault.New(fault.Conflict, "suspicion.second-person")
	ErrOtherWord    = fault.New(fault.Conflict, "suspicion.other-word")
)

// openSuspicions opens a case for each suspicion of a tally.
func openSuspicions(ctx context.Context, tx *sqlx.Tx, id CampaignID, all []Suspicion) error {
	for i, x := range all {
		doc, err := json.Marshal(x)
		if err != nil {
			return fmt.Errorf("encode suspicion: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO suspicions (campaign_id, number, kind, doc) VALUES ($1, $2, $3, $4)`, id, i+1, x.Kind, doc); err != nil {
			return fmt.Errorf("open suspicion: %w", err)
		}
	}
	return nil
}

func mayDecide(by org.Actor) bool { return by.IsOffice() || by.Role == org.RoleSupervision }

// Suspicions returns the cases of a campaign to the two offices and the supervision
// office.
func (s *Store) Suspicions(ctx context.Context, by org.Actor, id CampaignID) ([]SuspicionCase, error) {
	if !mayDecide(by) {
		return nil, fault.ErrNotFound
	}
	var out []SuspicionCase
	const q = `SELECT x.number, x.doc, x.state, coalesce(a.name, '') AS first, coalesce(x.first_by, 0) AS first_by, x.first_at, x.first_word, x.first_text, coalesce(b.name, '') AS second, x.second_at, x.second_text
		FROM suspicions x LEFT JOIN accounts a ON a.id = x.first_by LEFT JOIN accounts b ON b.id = x.second_by WHERE x.campaign_id = $1 ORDER BY x.number`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("list suspicions: %w", err)
	}
	for i := range out {
		if err := json.Unmarshal(out[i].Doc, &out[i].Suspicion); err != nil {
			return nil, fmt.Errorf("read suspicion: %w", err)
		}
	}
	return out, nil
}

// DecideSuspicion gives one of two people's word on a case: confirmed or dismissed,
// with reasons. Both must say the same; the official result does not change by it.
func (s *Store) DecideSuspicion(ctx context.Context, by org.Actor, id CampaignID, number int, word, text string) error {
	if !mayDecide(by) {
		return fault.ErrNotFound
	}
	f := fault.Fields{}
	if word != "confirmed" && word != "dismissed" {
		f.Add("word", "suspicion.word-missing")
	}
	if n := utf8.RuneCountInString(text); n < 5 || n > MaxEvidence {
		f.Add("text", "year.why-missing")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var x struct {
			State string        `db:"state"`
			Word  string        `db:"first_word"`
			By    sql.NullInt64 `db:"first_by"`
		}
		err := tx.GetContext(ctx, &x, `SELECT state, first_word, first_by FROM suspicions WHERE campaign_id = $1 AND number = $2 FOR UPDATE`, id, number)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("lock suspicion: %w", err)
		}
		var q string
		args := []any{id, number, by.Account, s.now(), text}
		switch {
		case x.State == "open":
			q, args = `UPDATE suspicions SET state = 'first', first_by = $3, first_at = $4, first_text = $5, first_word = $6 WHERE campaign_id = $1 AND number = $2`, append(args, word)
		case x.State != "first":
			return ErrState
		case x.By.Int64 == int64(by.Account):
			return ErrSecondPerson
		case x.Word != word:
			return ErrOtherWord
		default:
			q, args = `UPDATE suspicions SET state = $6, second_by = $3, second_at = $4, second_text = $5 WHERE campaign_id = $1 AND number = $2`, append(args, word)
		}
		if _, err := tx.ExecContext(ctx, q, args...); err != nil {
			return fmt.Errorf("decide suspicion: %w", err)
		}
		return record.Append(ctx, tx, by, "suspicion."+word, fmt.Sprintf("campaign:%d", id), map[string]any{"number": number})
	})
}

// WithoutSuspects returns the ranking of a campaign's year with and without its
// suspect ballots, on the latest computation of the year or on the facts as they
// stand; ErrNoYearEnd while there is nothing to rank.
func (s *Store) WithoutSuspects(ctx context.Context, by org.Actor, id CampaignID) (WithoutSuspects, error) {
	if !mayDecide(by) {
		return WithoutSuspects{}, fault.ErrNotFound
	}
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return WithoutSuspects{}, err
	}
	t, _, err := s.KeptTally(ctx, id)
	if err != nil {
		return WithoutSuspects{}, err
	}
	var snap *Snapshot
	switch r, err := s.Latest(ctx, by, c.Year); {
	case errors.Is(err, ErrNoResult):
		if snap, _, _, err = s.gather(ctx, c.Year, s.now()); err != nil {
			return WithoutSuspects{}, err
		}
	case err != nil:
		return WithoutSuspects{}, err
	default:
		if _, snap, err = s.Snapshot(ctx, r.ID); err != nil {
			return WithoutSuspects{}, err
		}
	}
	return snap.withoutSuspects(c.Kind, t), nil
}
