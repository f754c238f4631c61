package evaluation

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/evaluation/ballotbox"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Close closes a campaign and counts it. Repeating it after a failure half-way is
// safe: the box closes once, and the count is the same each time.
func (s *Store) Close(ctx context.Context, by org.Actor, id CampaignID) error {
	if err := run(by); err != nil {
		return err
	}
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return err
	}
	if c.State != "open" && c.State != "closed" {
		return ErrState
	}
	counted, replaced, err := s.box.Close(ctx, id)
	if err != nil {
		return err
	}
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "open", "closed"); err != nil {
			return err
		}
		const q = `UPDATE campaigns SET state = 'closed', closed_at = coalesce(closed_at, $2), ballots_cast = $3, ballots_revised = $4 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, s.now(), counted, replaced); err != nil {
			return fmt.Errorf("close campaign: %w", err)
		}
		return record.Append(ctx, tx, by, "campaign.closed", fmt.Sprintf("campaign:%d", id), map[string]any{"counted": counted, "replaced": replaced})
	})
	if err != nil {
		return err
	}
	if err := s.box.Keys().Destroy(id); err != nil {
		return err
	}
	return s.tally(ctx, by, c)
}

// counts are the sums of a tally: lines by unit and group, answers by unit and item.
type counts struct {
	lines map[org.UnitID]map[string][]Line
	items map[org.UnitID]map[string]map[string]int
}

// count reads the counted set of the box once.
func (s *Store) count(ctx context.Context, sc *Scheme, id CampaignID) (counts, error) {
	n := counts{lines: map[org.UnitID]map[string][]Line{}, items: map[org.UnitID]map[string]map[string]int{}}
	err := s.box.Counted(ctx, id, func(group string, unit org.UnitID, answers map[string]string) {
		if n.lines[unit] == nil {
			n.lines[unit], n.items[unit] = map[string][]Line{}, map[string]map[string]int{}
		}
		l := sc.LineOf(answers)
		n.lines[unit][group] = append(n.lines[unit][group], l)
		if !sc.Valid(l) {
			return
		}
		for _, ind := range sc.Indicators {
			a := answers[ind.Code]
			if _, ok := sc.Value(a); !ok {
				a = ballotbox.NotAcquainted
			}
			if n.items[unit][ind.Code] == nil {
				n.items[unit][ind.Code] = map[string]int{}
			}
			n.items[unit][ind.Code][a]++
		}
	})
	return n, err
}

// tally turns the counted set into aggregates: trimmed means by group, scores of
// units, answers by item. No line of a ballot is written down.
func (s *Store) tally(ctx context.Context, by org.Actor, c Campaign) error {
	sc, err := s.Scheme(ctx, c.SchemeID)
	if err != nil {
		return err
	}
	n, err := s.count(ctx, sc, c.ID)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, c.ID, "closed"); err != nil {
			return err
		}
		for _, t := range []string{"campaign_group_results", "campaign_item_results", "campaign_unit_results"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+t+` WHERE campaign_id = $1`, c.ID); err != nil {
				return fmt.Errorf("clear an earlier tally: %w", err)
			}
		}
		var units []org.UnitID
		if err := tx.SelectContext(ctx, &units, `SELECT unit_id FROM campaign_units WHERE campaign_id = $1 ORDER BY unit_id`, c.ID); err != nil {
			return fmt.Errorf("read the campaign's units: %w", err)
		}
		if err := writeTally(ctx, tx, sc, c, units, n); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE campaigns SET state = 'tallied', tallied_at = $2 WHERE id = $1`, c.ID, s.now()); err != nil {
			return fmt.Errorf("finish the tally: %w", err)
		}
		return record.Append(ctx, tx, by, "campaign.tallied", fmt.Sprintf("campaign:%d", c.ID), nil)
	})
}

func writeTally(ctx context.Context, tx *sqlx.Tx, sc *Scheme, c Campaign, units []org.UnitID, n counts) error {
	for _, unit := range units {
		var groups []GroupResult
		for _, g := range sc.Groups {
			if lines := n.lines[unit][g.Code]; len(lines) > 0 {
				groups = append(groups, sc.GroupOf(g.Code, lines))
			}
		}
		for _, g := range groups {
			const q = `INSERT INTO campaign_group_results (campaign_id, unit_id, grp, lines, invalid, trimmed, mean, variance, usable)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
			if _, err := tx.ExecContext(ctx, q, c.ID, unit, g.Group, g.Lines, g.Invalid, g.Trimmed, g.Mean, g.Variance, g.Usable); err != nil {
				return fmt.Errorf("write group result: %w", err)
			}
		}
		cs := sc.CampaignOf(c.Kind, groups)
		const q = `INSERT INTO campaign_unit_results (campaign_id, unit_id, lines, rankable, score, se) VALUES ($1, $2, $3, $4, $5, $6)`
		if _, err := tx.ExecContext(ctx, q, c.ID, unit, cs.Lines, cs.Rankable, cs.Score, cs.SE); err != nil {
			return fmt.Errorf("write unit result: %w", err)
		}
		var items, levels []string
		var ns []int64
		for item, byLevel := range n.items[unit] {
			for level, k := range byLevel {
				items, levels, ns = append(items, item), append(levels, level), append(ns, int64(k))
			}
		}
		const answers = `INSERT INTO campaign_item_results (campaign_id, unit_id, item, level, n)
			SELECT $1, $2, i, l, n FROM unnest($3::text[], $4::text[], $5::bigint[]) AS x (i, l, n)`
		if _, err := tx.ExecContext(ctx, answers, c.ID, unit, pq.Array(items), pq.Array(levels), pq.Array(ns)); err != nil {
			return fmt.Errorf("write item results: %w", err)
		}
	}
	return nil
}

// campaignScores reads the tallied campaigns of a year back, by unit.
func (s *Store) campaignScores(ctx context.Context, tx *sqlx.Tx, year int) (map[org.UnitID][]CampaignScore, error) {
	var rows []struct {
		Unit     org.UnitID `db:"unit_id"`
		Kind     string     `db:"kind"`
		Scheme   int64      `db:"scheme_id"`
		Group    *string    `db:"grp"`
		Lines    *int       `db:"lines"`
		Invalid  *int       `db:"invalid"`
		Trimmed  *int       `db:"trimmed"`
		Mean     Exact      `db:"mean"`
		Variance Exact      `db:"variance"`
		Usable   *bool      `db:"usable"`
	}
	const q = `SELECT u.unit_id, c.kind, c.scheme_id, g.grp, g.lines, g.invalid, g.trimmed, g.mean, g.variance, g.usable
		FROM campaigns c JOIN campaign_unit_results u ON u.campaign_id = c.id
		LEFT JOIN campaign_group_results g ON g.campaign_id = c.id AND g.unit_id = u.unit_id
		WHERE c.year = $1 AND c.state = 'tallied' ORDER BY u.unit_id, c.kind, g.grp`
	if err := tx.SelectContext(ctx, &rows, q, year); err != nil {
		return nil, fmt.Errorf("read campaign results: %w", err)
	}
	type key struct {
		unit org.UnitID
		kind string
	}
	groups := map[key][]GroupResult{}
	schemes := map[key]int64{}
	var order []key
	for _, r := range rows {
		k := key{r.Unit, r.Kind}
		if _, ok := schemes[k]; !ok {
			order = append(order, k)
		}
		schemes[k] = r.Scheme
		if r.Group != nil {
			groups[k] = append(groups[k], GroupResult{Group: *r.Group, Lines: *r.Lines, Invalid: *r.Invalid, Trimmed: *r.Trimmed, Mean: r.Mean, Variance: r.Variance, Usable: *r.Usable})
		}
	}
	out := map[org.UnitID][]CampaignScore{}
	for _, k := range order {
		sc, err := s.Scheme(ctx, schemes[k])
		if err != nil {
			return nil, err
		}
		out[k.unit] = append(out[k.unit], sc.CampaignOf(k.kind, groups[k]))
	}
	return out, nil
}
