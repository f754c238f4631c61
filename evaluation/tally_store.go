package evaluation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/tallykey"
	"pingyi/fault"
	"pingyi/killpoint"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Close closes a campaign: what waits goes into the log, the counted set is fixed
// and signed, the keys of the cards are destroyed. Scores stay sealed. Repeating
// it after a failure half-way is safe.
func (s *Store) Close(ctx context.Context, by org.Actor, id CampaignID) error {
	if err := run(by); err != nil {
		return err
	}
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return err
	}
	if c.State != "open" {
		return ErrState
	}
	if open, err := s.unsettledSheets(ctx, id); err != nil {
		return err
	} else if len(open) > 0 {
		return ErrUnsettled
	}
	counted, replaced, err := s.box.Close(ctx, id)
	if err != nil {
		return err
	}
	killpoint.At("box-closed")
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "open"); err != nil {
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
	return s.box.Keys().Destroy(id)
}

// Integrate writes ballots that wait into their logs, where it is time; each batch
// is on record. It returns how many logs grew.
func (s *Store) Integrate(ctx context.Context) (int, error) {
	grown, err := s.box.Integrate(ctx)
	for _, id := range grown {
		if rerr := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
			return record.Append(ctx, tx, org.Portal, "log.batch", fmt.Sprintf("campaign:%d", id), nil)
		}); rerr != nil {
			return len(grown), errors.Join(err, rerr)
		}
	}
	return len(grown), err
}

// Errors of a tally.
var (
	// ErrUnsettled: a box of paper ballots does not reconcile.
	ErrUnsettled = fault.New(fault.Conflict, "campaign.unsettled")
	// ErrOtherTally: a tally of this campaign was kept that says something else.
	ErrOtherTally = fault.New(fault.Invalid, "tally.other")
	// ErrSmall: so few ballots that the sums would show single ones.
	ErrSmall = fault.New(fault.Conflict, "tally.small")
)

// leastBallots is the smallest counted set that may be opened: of fewer ballots
// the aggregates would show single ones.
const leastBallots = 10

// SealedBox returns the box of a closed campaign as it goes to a machine for the
// tally: sealed.
func (s *Store) SealedBox(ctx context.Context, id CampaignID) (*SealedBox, error) {
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return nil, err
	}
	if c.State != "closed" && c.State != "tallied" {
		return nil, ErrState
	}
	k, err := s.TallyKey(ctx, id)
	if err != nil {
		return nil, err
	}
	log, err := s.box.Log(ctx, id)
	if err != nil {
		return nil, err
	}
	b := &SealedBox{Campaign: id, Title: CampaignTitle(c.Year, c.Kind), Origin: k.LogOrigin, LogKey: k.LogKey, TallyKey: k.Public, Counted: log.Counted}
	for _, l := range log.Leaves {
		b.Leaves = append(b.Leaves, l.String())
	}
	set, err := ballotbox.OpenCounted([]byte(log.Counted), k.LogKey)
	if err != nil {
		return nil, fmt.Errorf("counted set: %w", err)
	}
	if b.Ballots, err = s.box.Sealed(ctx, id, set); err != nil {
		return nil, err
	}
	var doc []byte
	if err := s.db.GetContext(ctx, &doc, `SELECT doc FROM schemes WHERE id = $1`, c.SchemeID); err != nil {
		return nil, fmt.Errorf("read the scheme: %w", err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, doc); err != nil {
		return nil, fmt.Errorf("read the scheme: %w", err)
	}
	b.Scheme = compact.Bytes()
	if err := s.db.SelectContext(ctx, &b.Units, `SELECT unit_id, class FROM campaign_units WHERE campaign_id = $1 ORDER BY unit_id`, id); err != nil {
		return nil, fmt.Errorf("read the campaign's units: %w", err)
	}
	return b, nil
}

// Tally opens the box of a closed campaign with shares, two people being present,
// and keeps the aggregates. Repeating it gives the same and changes nothing.
func (s *Store) Tally(ctx context.Context, by, with org.Actor, id CampaignID, typed []string) error {
	if err := pair(by, with); err != nil {
		return err
	}
	k, err := s.TallyKey(ctx, id)
	if err != nil {
		return err
	}
	box, err := s.SealedBox(ctx, id)
	if err != nil {
		return err
	}
	shares, err := readShares(k.Public, typed)
	if err != nil {
		return err
	}
	t, err := box.Open(shares...)
	var stop *ballotbox.TallyError
	switch {
	case errors.As(err, &stop):
		return fault.New(fault.Conflict, "tally.stopped-"+string(stop.Why), "Index", stop.Index)
	case errors.Is(err, tallykey.ErrFew), errors.Is(err, tallykey.ErrForeign), errors.Is(err, tallykey.ErrTwice):
		return fault.Field("share1", "key.share-foreign")
	case err != nil:
		return err
	}
	return s.keepTally(ctx, by, with, id, t)
}

// AdoptTally keeps the result of a tally that was made on another machine, from
// the file it wrote, two people being present. It must be of the same log,
// counted set and scheme.
func (s *Store) AdoptTally(ctx context.Context, by, with org.Actor, id CampaignID, file []byte) error {
	if err := pair(by, with); err != nil {
		return err
	}
	t, err := ReadTally(file)
	if err != nil {
		return fault.Field("result", "tally.unreadable")
	}
	box, err := s.SealedBox(ctx, id)
	if err != nil {
		return err
	}
	set, err := ballotbox.OpenCounted([]byte(box.Counted), box.LogKey)
	if err != nil {
		return err
	}
	root, err := set.Root()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(box.Scheme)
	var units []BoxUnit
	for _, u := range t.Units {
		units = append(units, BoxUnit{u.Unit, u.Class})
	}
	leaves := make([]ballotbox.Leaf, len(box.Leaves))
	for i, text := range box.Leaves {
		if leaves[i], err = ballotbox.ParseLeaf(text); err != nil {
			return fmt.Errorf("leaf %d: %w", i, err)
		}
	}
	log, err := ballotbox.RootOf(leaves)
	if err != nil {
		return err
	}
	if t.Campaign != id || t.LogRoot != log.String() || t.Origin != box.Origin || t.CountedRoot != root.String() || t.LogSize != set.LogSize || t.Counted != len(set.Index) ||
		t.SchemeHash != hex.EncodeToString(sum[:]) || !slices.Equal(units, box.Units) {
		return fault.Field("result", "tally.other")
	}
	return s.keepTally(ctx, by, with, id, t)
}

// keepTally writes the aggregates down: trimmed means by group, scores of units,
// answers by item. No line of a ballot is written down.
func (s *Store) keepTally(ctx context.Context, by, with org.Actor, id CampaignID, t *Tally) error {
	if t.Counted < leastBallots {
		return ErrSmall.With("Least", leastBallots, "Have", t.Counted)
	}
	doc, sum, err := t.Canonical()
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "closed", "tallied"); err != nil {
			return err
		}
		var before []byte
		if err := tx.GetContext(ctx, &before, `SELECT coalesce(tally_hash, '') FROM campaigns WHERE id = $1`, id); err != nil {
			return fmt.Errorf("look for an earlier tally: %w", err)
		}
		if len(before) > 0 {
			if !bytes.Equal(before, sum[:]) {
				return ErrOtherTally
			}
			return nil
		}
		if err := openSuspicions(ctx, tx, id, t.Suspicions); err != nil {
			return err
		}
		killpoint.At("tally-written")
		const q = `UPDATE campaigns SET state = 'tallied', tallied_at = $2, tally_hash = $3, tally_result = $4, opened_by = $5 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, s.now(), sum[:], doc, pq.Array([]int64{int64(by.Account), int64(with.Account)})); err != nil {
			return fmt.Errorf("finish the tally: %w", err)
		}
		return record.Append(ctx, tx, by, "campaign.tallied", fmt.Sprintf("campaign:%d", id), map[string]any{"with": with.Account, "hash": hex.EncodeToString(sum[:]), "counted": t.Counted})
	})
}

// KeptTally returns the tally of a campaign as it was kept; ErrNotFound before.
func (s *Store) KeptTally(ctx context.Context, id CampaignID) (*Tally, TallyKey, error) {
	k, err := s.TallyKey(ctx, id)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && len(k.TallyHash) == 0) {
		return nil, k, fault.ErrNotFound
	}
	if err != nil {
		return nil, k, err
	}
	var t Tally
	if err := json.Unmarshal(k.resultJSON, &t); err != nil {
		return nil, k, fmt.Errorf("read the tally: %w", err)
	}
	return &t, k, nil
}
