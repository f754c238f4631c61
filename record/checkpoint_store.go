package record

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"pingyi/merkle"
	"pingyi/org"
	"pingyi/postgres"
)

// Notary signs checkpoints of the audit log and copies them out of the database,
// where nobody who can change the log can change them: to a file and, through the
// portal's public address, to the witnesses.
type Notary struct {
	store  *Store
	now    func() time.Time
	signer note.Signer
	key    string
	file   string
}

// NewNotary returns the notary of a log. keyFile holds its signing key, made on
// first use under the name; file is where the checkpoints go, best on another
// machine.
func NewNotary(store *Store, now func() time.Time, keyFile, name, file string) (*Notary, error) {
	signer, key, err := merkle.KeyFile(keyFile, name)
	if err != nil {
		return nil, err
	}
	return &Notary{store: store, now: now, signer: signer, key: key, file: file}, nil
}

// Key returns the log's public key.
func (n *Notary) Key() string { return n.key }

// ErrRolledBack: the database is older than what was signed.
var ErrRolledBack = errors.New("the audit log is shorter than a checkpoint signed before, or another one: the database was restored from an older copy, or entries were removed")

// Start compares the log with the last checkpoint in the file and returns
// ErrRolledBack when the log does not reach it any more.
func (n *Notary) Start(ctx context.Context) error {
	notes, err := n.Filed()
	if err != nil || len(notes) == 0 {
		return err
	}
	cp, _, err := merkle.Open([]byte(notes[len(notes)-1]), n.key)
	if err != nil {
		return fmt.Errorf("%s: %w", n.file, err)
	}
	var kept string
	err = n.store.db.GetContext(ctx, &kept, `SELECT note FROM audit_checkpoint WHERE size = $1`, cp.Size)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && body(kept) != cp.Text()) {
		return fmt.Errorf("%w (%d entries were signed)", ErrRolledBack, cp.Size)
	}
	if err != nil {
		return fmt.Errorf("look for the last checkpoint: %w", err)
	}
	return nil
}

func body(note string) string {
	text, _, _ := strings.Cut(note, "\n\n")
	return text + "\n"
}

// Accept puts on record that an older state was restored on purpose, and begins
// the file of checkpoints anew; the old one is kept under another name.
func (n *Notary) Accept(ctx context.Context) error {
	if err := postgres.InTx(ctx, n.store.db, func(tx *sqlx.Tx) error {
		return Append(ctx, tx, org.Actor{Role: org.RoleOperator}, "audit.restore-accepted", "audit", nil)
	}); err != nil {
		return err
	}
	if err := os.Rename(n.file, n.file+"."+n.now().UTC().Format("20060102T150405")); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("put the old checkpoints aside: %w", err)
	}
	return nil
}

// Filed returns the checkpoints of the file, the earliest first.
func (n *Notary) Filed() ([]string, error) { return ReadCheckpoints(n.file) }

// ReadCheckpoints reads a file of checkpoints, separated by a line of dashes.
func ReadCheckpoints(file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the checkpoints: %w", err)
	}
	var out []string
	for _, part := range strings.Split(string(b), separator) {
		if strings.Count(part, "\n") >= 5 { // an unfinished last one is left out
			out = append(out, part)
		}
	}
	return out, nil
}

const separator = "--------\n"

// every is how many new entries are signed at once, at least; fewer wait for the
// next ten minutes.
const every = 1000

// Tick signs a checkpoint when a thousand entries are new, or any after ten
// minutes.
func (n *Notary) Tick(ctx context.Context) error {
	var state struct {
		Fresh int64      `db:"fresh"`
		Last  *time.Time `db:"last"`
	}
	const q = `SELECT h.seq - coalesce((SELECT max(size) FROM audit_checkpoint), 0) AS fresh, (SELECT max(at) FROM audit_checkpoint) AS last FROM audit_head h`
	if err := n.store.db.GetContext(ctx, &state, q); err != nil {
		return fmt.Errorf("look at the audit log: %w", err)
	}
	if state.Fresh == 0 || (state.Fresh < every && state.Last != nil && n.now().Sub(*state.Last) < 10*time.Minute) {
		return nil
	}
	return n.Checkpoint(ctx)
}

// Checkpoint signs the log as it is and copies the checkpoint out.
func (n *Notary) Checkpoint(ctx context.Context) error {
	var msg []byte
	err := postgres.InTx(ctx, n.store.db, func(tx *sqlx.Tx) error {
		msg = nil
		// one process at a time
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(72410002)`); err != nil {
			return fmt.Errorf("lock the checkpoints: %w", err)
		}
		var size int64
		if err := tx.GetContext(ctx, &size, `SELECT coalesce(max(size), 0) FROM audit_checkpoint`); err != nil {
			return fmt.Errorf("read the last checkpoint: %w", err)
		}
		var hashes [][]byte
		if err := tx.SelectContext(ctx, &hashes, `SELECT hash FROM audit WHERE seq > $1 ORDER BY seq`, size); err != nil {
			return fmt.Errorf("read new entries: %w", err)
		}
		if len(hashes) == 0 {
			return nil
		}
		var err error
		msg, err = n.extend(ctx, tx, size, hashes)
		return err
	})
	if err != nil || msg == nil {
		return err
	}
	return n.copyOut(msg)
}

func (n *Notary) extend(ctx context.Context, tx *sqlx.Tx, size int64, hashes [][]byte) ([]byte, error) {
	leaves := make([]merkle.Hash, len(hashes))
	for i, h := range hashes {
		leaves[i] = tlog.RecordHash(h)
	}
	read := nodes{ctx, tx}
	first, fresh, err := merkle.Extend(size, leaves, read)
	if err != nil {
		return nil, err
	}
	cp := merkle.Checkpoint{Origin: n.signer.Name(), Size: size + int64(len(leaves))}
	if cp.Root, err = merkle.RootOf(cp.Size, first, fresh, read); err != nil {
		return nil, err
	}
	msg, err := merkle.Sign(cp.Text(), n.signer)
	if err != nil {
		return nil, err
	}
	raw := make([][]byte, len(fresh))
	for i := range fresh {
		raw[i] = fresh[i][:]
	}
	if _, err := tx.ExecContext(ctx, `SELECT audit_checkpoint_add($1, $2, $3, $4, $5, $6)`, size, first, pq.Array(raw), cp.Size, string(msg), n.now()); err != nil {
		return nil, fmt.Errorf("keep the checkpoint: %w", err)
	}
	return msg, nil
}

// copyOut appends the checkpoint to the file.
func (n *Notary) copyOut(msg []byte) error {
	f, err := os.OpenFile(n.file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("copy the checkpoint out: %w", err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteString(string(msg) + separator); err != nil {
		return fmt.Errorf("copy the checkpoint out: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("copy the checkpoint out: %w", err)
	}
	return nil
}

// Latest returns the latest checkpoint; "" before the first.
func (n *Notary) Latest(ctx context.Context) (string, error) {
	var out []string
	if err := n.store.db.SelectContext(ctx, &out, `SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1`); err != nil {
		return "", fmt.Errorf("read the last checkpoint: %w", err)
	}
	if len(out) == 0 {
		return "", nil
	}
	return out[0], nil
}

// Proofs returns what proofs of the log are made of.
func (n *Notary) Proofs(ctx context.Context) merkle.HashReader { return nodes{ctx, n.store.db} }

// nodes reads stored hashes of the audit log's tree.
type nodes struct {
	ctx context.Context
	db  interface {
		SelectContext(ctx context.Context, dest any, query string, args ...any) error
	}
}

// ReadHashes implements merkle.HashReader.
func (r nodes) ReadHashes(at []int64) ([]merkle.Hash, error) {
	var rows []merkle.Stored
	if err := r.db.SelectContext(r.ctx, &rows, `SELECT i, h FROM audit_node WHERE i = ANY($1)`, pq.Array(at)); err != nil {
		return nil, fmt.Errorf("read hashes of the tree: %w", err)
	}
	return merkle.Pick(at, rows)
}
