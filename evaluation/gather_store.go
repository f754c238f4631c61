package evaluation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/org"
	"pingyi/postgres"
)

// gather reads all facts of a year into a snapshot. The scheme is that of the
// required campaign: it was locked before the first ballot was cast. Whether issues are
// overdue is seen as of the moment.
func (s *Store) gather(ctx context.Context, year int, asOf time.Time) (*Snapshot, int64, int64, error) {
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	sheets, err := s.feedback.SheetFacts(ctx, year)
	if err != nil {
		return nil, 0, 0, err
	}
	issues, err := s.feedback.IssueFacts(ctx, year, asOf)
	if err != nil {
		return nil, 0, 0, err
	}
	snap := &Snapshot{Header: Header{Year: year, AsOf: asOf.UTC().Format(time.RFC3339), Calendar: cal.Label()}, asOf: asOf}
	var schemeID int64
	err = postgres.InSnapshot(ctx, s.db, func(tx *sqlx.Tx) error {
		appraisal, err := s.tallied(ctx, tx, year, snap, &schemeID)
		if err != nil {
			return err
		}
		tasks, err := s.taskRows(ctx, tx, year, asOf)
		if err != nil {
			return err
		}
		entries, err := s.entriesOf(ctx, tx, snap.Scheme, year, asOf)
		if err != nil {
			return err
		}
		panels, err := panelFacts(ctx, tx, year)
		if err != nil {
			return err
		}
		for i := range snap.Units {
			u := &snap.Units[i]
			u.Facts = Facts{Appraisal: appraisal[u.Unit], Sheets: sheetFacts(sheets[u.Unit]), Issues: issueFacts(issues[u.Unit]), Tasks: tasks[u.Unit].figures(),
				Panels: panels[u.Unit], Entries: nameless(entries[u.Unit])}
		}
		return nil
	})
	return snap, schemeID, cal.ID, err
}

// tallied reads the tallies of a year's campaigns into the snapshot, with the units
// of the required one, and returns what they say of each unit.
func (s *Store) tallied(ctx context.Context, tx *sqlx.Tx, year int, snap *Snapshot, schemeID *int64) (map[org.UnitID][]CampaignFacts, error) {
	var rows []struct {
		ID     CampaignID `db:"id"`
		Kind   string     `db:"kind"`
		Scheme int64      `db:"scheme_id"`
		Hash   []byte     `db:"tally_hash"`
		Doc    []byte     `db:"tally_result"`
	}
	const q = `SELECT id, kind, scheme_id, tally_hash, tally_result FROM campaigns WHERE year = $1 AND state = 'tallied' ORDER BY cast_from, id`
	if err := tx.SelectContext(ctx, &rows, q, year); err != nil {
		return nil, fmt.Errorf("read tallies: %w", err)
	}
	out := map[org.UnitID][]CampaignFacts{}
	snap.Campaigns = []SnapshotCampaign{}
	for _, r := range rows {
		var t Tally
		if err := json.Unmarshal(r.Doc, &t); err != nil {
			return nil, fmt.Errorf("read tally of campaign %d: %w", r.ID, err)
		}
		for _, u := range t.Units {
			out[u.Unit] = append(out[u.Unit], CampaignFacts{Campaign: r.Kind, Measures: u.Measures})
		}
		snap.Campaigns = append(snap.Campaigns, SnapshotCampaign{Kind: r.Kind, Scheme: t.Scheme, Counted: t.Counted, LogRoot: t.LogRoot, TallyHash: fmt.Sprintf("%x", r.Hash)})
		sc, err := s.Scheme(ctx, r.Scheme)
		if err != nil {
			return nil, err
		}
		if r.Kind != sc.Required {
			continue
		}
		snap.Scheme, *schemeID, snap.Fairness = sc, r.Scheme, t.Fairness
		const units = `SELECT u.id AS unit, u.code, u.name_zh AS "name.name_zh", u.name_en AS "name.name_en", u.name_ru AS "name.name_ru", x.class
			FROM campaign_units x JOIN units u ON u.id = x.unit_id WHERE x.campaign_id = $1 ORDER BY x.unit_id`
		if err := tx.SelectContext(ctx, &snap.Units, units, r.ID); err != nil {
			return nil, fmt.Errorf("read the year's units: %w", err)
		}
	}
	if snap.Scheme == nil {
		return nil, ErrNoYearEnd
	}
	return out, nil
}
