package ballotbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/killpoint"
	"pingyi/merkle"
	"pingyi/postgres"
)

// The log: batches, checkpoints, proofs. A leaf tells nothing but the day of its
// batch, and a batch is written in the order of its hashes, which is random.

// ErrNoReceipt: no leaf has the hash.
var ErrNoReceipt = errors.New("no such ballot")

// BatchSize is how many ballots wait at most before they are written into the log;
// in a smaller batch somebody who watches might guess whose they are.
const BatchSize = 20

// nightly is when what waits is written even if it is few: a receipt promises it.
const nightly = 23*time.Hour + 30*time.Minute

// Integrate writes the ballots that wait into their logs: of every campaign where
// BatchSize wait, and at night of all. It returns the logs that grew.
func (b *Box) Integrate(ctx context.Context) ([]CampaignID, error) {
	var rows []struct {
		Campaign CampaignID `db:"campaign"`
		Waiting  int        `db:"waiting"`
	}
	if err := b.keeper.SelectContext(ctx, &rows, `SELECT campaign, waiting FROM box_waiting()`); err != nil {
		return nil, fmt.Errorf("count waiting ballots: %w", plain(err))
	}
	at := b.now()
	night := at.Sub(calendar.DateOf(at).Time()) >= nightly
	var grown []CampaignID
	for _, r := range rows {
		if r.Waiting < BatchSize && !night {
			continue
		}
		if err := b.IntegrateNow(ctx, r.Campaign); err != nil {
			return grown, err
		}
		grown = append(grown, r.Campaign)
	}
	return grown, nil
}

// IntegrateNow writes what waits of one campaign into its log.
func (b *Box) IntegrateNow(ctx context.Context, c CampaignID) error {
	if err := postgres.InTx(ctx, b.keeper, func(tx *sqlx.Tx) error { return b.integrate(ctx, tx, c) }); err != nil {
		return fmt.Errorf("write a batch: %w", plain(err))
	}
	return nil
}

// integrate extends the log by what waits and signs a new checkpoint, in one
// transaction that holds the stage alone.
func (b *Box) integrate(ctx context.Context, tx *sqlx.Tx, c CampaignID) error {
	signer, _, err := b.log(c)
	if err != nil {
		return err
	}
	var waiting [][]byte
	if err := tx.SelectContext(ctx, &waiting, `SELECT hash FROM box_take($1)`, c); err != nil {
		return err
	}
	killpoint.At("batch-taken")
	var size, checkpoints int64
	if err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM box WHERE campaign = $1), (SELECT count(*) FROM box_checkpoint WHERE campaign = $1)`, c).Scan(&size, &checkpoints); err != nil {
		return err
	}
	if len(waiting) == 0 && checkpoints > 0 {
		return nil
	}
	leaves := make([]merkle.Hash, len(waiting))
	for i, h := range waiting {
		leaves[i] = merkle.Hash(h)
	}
	read := reader{ctx, tx, c}
	first, nodes, err := merkle.Extend(size, leaves, read)
	if err != nil {
		return err
	}
	root, err := merkle.RootOf(size+int64(len(leaves)), first, nodes, read)
	if err != nil {
		return err
	}
	cp := merkle.Checkpoint{Origin: signer.Name(), Size: size + int64(len(leaves)), Root: root}
	msg, err := merkle.Sign(cp.Text(), signer)
	if err != nil {
		return err
	}
	raw := make([][]byte, len(nodes))
	for i := range nodes {
		raw[i] = nodes[i][:]
	}
	if _, err := tx.ExecContext(ctx, `SELECT box_integrate($1, $2, $3, $4, $5, $6)`, c, size, first, pq.Array(raw), cp.Size, string(msg)); err != nil {
		return err
	}
	killpoint.At("batch-written")
	return nil
}

// querier is a connection or a transaction.
type querier interface {
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
}

// reader reads stored hashes of a campaign's tree.
type reader struct {
	ctx context.Context
	db  querier
	c   CampaignID
}

// ReadHashes implements tlog.HashReader.
func (r reader) ReadHashes(at []int64) ([]merkle.Hash, error) {
	var rows []merkle.Stored
	if err := r.db.SelectContext(r.ctx, &rows, `SELECT i, h FROM box_node WHERE campaign = $1 AND i = ANY($2)`, r.c, pq.Array(at)); err != nil {
		return nil, fmt.Errorf("read hashes of the tree: %w", plain(err))
	}
	return merkle.Pick(at, rows)
}

// Log is all of a campaign's log that is public.
type Log struct {
	Origin      string
	Key         string // public
	Leaves      []Leaf
	Checkpoints []SignedCheckpoint
	Counted     string // signed note; empty before the close
	Slots       []ListedSlot
}

// SignedCheckpoint is a checkpoint as it was signed.
type SignedCheckpoint struct {
	Size int64  `db:"size"`
	Note string `db:"note"`
}

// ListedSlot is the slot of a printed card.
type ListedSlot struct {
	Slot  []byte `db:"slot"`
	Group string `db:"grp"`
	Sheet int    `db:"sheet"`
	Void  bool   `db:"void"`
}

// Log reads a campaign's log.
func (b *Box) Log(ctx context.Context, c CampaignID) (Log, error) {
	var out Log
	var counted *string
	if err := b.keeper.QueryRowContext(ctx, `SELECT origin, log_key, counted_note FROM box_campaign WHERE id = $1`, c).Scan(&out.Origin, &out.Key, &counted); err != nil {
		return out, fmt.Errorf("read the log: %w", plain(err))
	}
	if counted != nil {
		out.Counted = *counted
	}
	// the checkpoints first: leaves of a later batch may then be more, never fewer
	if err := b.keeper.SelectContext(ctx, &out.Checkpoints, `SELECT size, note FROM box_checkpoint WHERE campaign = $1 ORDER BY size`, c); err != nil {
		return out, fmt.Errorf("read checkpoints: %w", plain(err))
	}
	var size int64
	if n := len(out.Checkpoints); n > 0 {
		size = out.Checkpoints[n-1].Size
	}
	var leaves []string
	if err := b.keeper.SelectContext(ctx, &leaves, `SELECT leaf FROM box WHERE campaign = $1 AND idx < $2 ORDER BY idx`, c, size); err != nil {
		return out, fmt.Errorf("read leaves: %w", plain(err))
	}
	for i, text := range leaves {
		l, err := ParseLeaf(text)
		if err != nil {
			return out, fmt.Errorf("leaf %d: %w", i, err)
		}
		out.Leaves = append(out.Leaves, l)
	}
	var err error
	out.Slots, err = b.Slots(ctx, c)
	return out, err
}

// Slots lists the slots of printed cards, in the order of the slots.
func (b *Box) Slots(ctx context.Context, c CampaignID) ([]ListedSlot, error) {
	var out []ListedSlot
	if err := b.keeper.SelectContext(ctx, &out, `SELECT slot, grp, sheet, void FROM box_slot WHERE campaign = $1 ORDER BY slot`, c); err != nil {
		return nil, fmt.Errorf("read printed cards: %w", plain(err))
	}
	return out, nil
}

// Checkpoint returns the latest signed checkpoint of a campaign's log; empty
// before it is open.
func (b *Box) Checkpoint(ctx context.Context, c CampaignID) (string, error) {
	var notes []string
	if err := b.keeper.SelectContext(ctx, &notes, `SELECT note FROM box_checkpoint WHERE campaign = $1 ORDER BY size DESC LIMIT 1`, c); err != nil {
		return "", fmt.Errorf("read the checkpoint: %w", plain(err))
	}
	if len(notes) == 0 {
		return "", nil
	}
	return notes[0], nil
}

// Proofs returns what proofs of a campaign's log are made of.
func (b *Box) Proofs(ctx context.Context, c CampaignID) merkle.HashReader {
	return reader{ctx, b.keeper, c}
}

// Place is where a leaf stands after the close, or before.
type Place struct {
	Index      int64 // in the log; -1: waits for the next batch
	Size       int64 // of the latest checkpoint
	Last       int   // the latest version of the slot in the log
	Counted    bool  // the campaign is closed and this is the version that counts
	Closed     bool
	Checkpoint string
}

// PlaceOf returns where a leaf stands in the log.
func (b *Box) PlaceOf(ctx context.Context, l Leaf, index int64) (Place, error) {
	p := Place{Index: index}
	const q = `SELECT c.state = 'closed', coalesce((SELECT max(ver) FROM box WHERE campaign = c.id AND slot = $2), 0),
			coalesce((SELECT max(size) FROM box_checkpoint WHERE campaign = c.id), 0)
		FROM box_campaign c WHERE c.id = $1`
	if err := b.keeper.QueryRowContext(ctx, q, l.Campaign, l.Slot).Scan(&p.Closed, &p.Last, &p.Size); err != nil {
		return p, fmt.Errorf("look into the log: %w", plain(err))
	}
	p.Counted = p.Closed && index >= 0 && l.Version == p.Last
	var err error
	p.Checkpoint, err = b.Checkpoint(ctx, l.Campaign)
	return p, err
}
