package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/merkle"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/postgres/pgtest"
	"pingyi/record"
)

func appendN(t testing.TB, db *sqlx.DB, n int) {
	t.Helper()
	for i := range n {
		if err := postgres.InTx(t.Context(), db, func(tx *sqlx.Tx) error {
			return record.Append(t.Context(), tx, org.Actor{Role: org.RoleOperator}, "test.act", "thing:1", map[string]any{"b": i, "a": "甲\x07\"' — 乙", "z": nil, "A": 1.5})
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func notary(t testing.TB, db *sqlx.DB, dir string) (*record.Notary, string) {
	t.Helper()
	file := filepath.Join(dir, "checkpoints")
	n, err := record.NewNotary(record.NewStore(db), time.Now, filepath.Join(dir, "key"), "test/audit", file)
	if err != nil {
		t.Fatal(err)
	}
	return n, file
}

// rewrite makes the chain whole again from an entry on, as a superuser who knows
// how it is made would.
const rewrite = `DO $$ DECLARE r record; p bytea := sha256('pingyi/audit/v1'); BEGIN
	FOR r IN SELECT * FROM audit ORDER BY seq LOOP
		UPDATE audit SET prev = p, hash = sha256(p || convert_to(jsonb_build_array(seq, (extract(epoch FROM at) * 1000000)::bigint, actor, role, action, object, detail)::text, 'UTF8')) WHERE seq = r.seq RETURNING hash INTO p;
	END LOOP;
	UPDATE audit_head SET hash = p, seq = (SELECT max(seq) FROM audit); END $$`

func TestEveryTamperingIsNamed(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		seq       int64
		why       string
	}{
		{"nothing", ``, 0, ""},
		{"changed", `UPDATE audit SET action = 'other' WHERE seq = 3`, 3, record.WhyHash},
		{"detail changed", `UPDATE audit SET detail = detail || '{"a": "丙"}' WHERE seq = 2`, 2, record.WhyHash},
		{"deleted", `DELETE FROM audit WHERE seq = 3`, 4, record.WhyGap},
		{"inserted in the middle", `UPDATE audit SET seq = -seq - 1 WHERE seq >= 3; UPDATE audit SET seq = -seq WHERE seq < 0;
			INSERT INTO audit SELECT 3, at, actor, role, 'forged', object, detail, prev, hash FROM audit WHERE seq = 2`, 3, record.WhyPrev},
		{"two swapped", `UPDATE audit SET seq = -4 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = -4`, 3, record.WhyPrev},
		{"backdated", `UPDATE audit SET at = at - interval '1 day' WHERE seq = 3`, 3, record.WhyHash},
		{"tail cut", `DELETE FROM audit WHERE seq > 4`, 6, record.WhyHead},
		{"tail and head cut", `DELETE FROM audit WHERE seq > 4; UPDATE audit_head SET seq = 4, hash = (SELECT hash FROM audit WHERE seq = 4)`, 4, record.WhyCheckpoint},
		{"written anew by a superuser", `UPDATE audit SET action = 'other' WHERE seq = 3; ` + rewrite, 6, record.WhyRoot},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app, owner := pgtest.OpenBoth(t)
			appendN(t, app, 6)
			n, _ := notary(t, app, t.TempDir())
			if err := n.Checkpoint(t.Context()); err != nil {
				t.Fatal(err)
			}
			if tt.sql != "" {
				// only the owner can, and only by switching the guards off
				if _, err := app.Exec(tt.sql); err == nil {
					t.Error("the run-time role may do it")
				}
				if _, err := owner.Exec(`ALTER TABLE audit DISABLE TRIGGER USER; ` + tt.sql); err != nil {
					t.Fatal(err)
				}
			}
			filed, err := n.Filed()
			if err != nil || len(filed) != 1 {
				t.Fatal(filed, err)
			}
			c, err := record.NewStore(app).Verify(t.Context(), n.Key(), filed...)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case tt.why == "" && (c.Problem != nil || c.Entries != 6):
				t.Errorf("%v after %d entries", c.Problem, c.Entries)
			case tt.why != "" && (c.Problem == nil || c.Problem.Why != tt.why || c.Problem.Seq != tt.seq):
				t.Errorf("%v, want entry %d: %s", c.Problem, tt.seq, tt.why)
			}
		})
	}
}

// The export says the same on another machine, in another time zone.
func TestExportIsVerifiedOffline(t *testing.T) {
	app := pgtest.Open(t)
	appendN(t, app, 8)
	n, file := notary(t, app, t.TempDir())
	if err := n.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Exec(`SET TIME ZONE 'America/New_York'`); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	if err := record.NewStore(app).Rows(t.Context(), func(r record.Row) error { return enc.Encode(r) }); err != nil {
		t.Fatal(err)
	}
	notes, err := record.ReadCheckpoints(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		text string
		why  string
	}{
		"as exported":  {out.String(), ""},
		"a word other": {strings.Replace(out.String(), "test.act", "test.ace", 1), record.WhyHash},
		"a line gone":  {out.String()[strings.Index(out.String(), "\n")+1:], record.WhyGap},
		"the last cut": {out.String()[:strings.LastIndex(strings.TrimSpace(out.String()), "\n")+1], record.WhyCheckpoint},
	} {
		c := &record.Chain{}
		if err := record.ReadExport(strings.NewReader(tt.text), c); err != nil {
			t.Fatal(err)
		}
		c.Checkpoint([]byte(notes[0]), n.Key())
		if (tt.why == "") != (c.Problem == nil) || (c.Problem != nil && c.Problem.Why != tt.why) {
			t.Errorf("%s: %v, want %q", name, c.Problem, tt.why)
		}
	}
	if err := record.ReadExport(strings.NewReader("rubbish\n"), &record.Chain{}); err == nil {
		t.Error("rubbish was read")
	}
}

// Sixty-four writers at once: no fork, no gap, in whatever order they commit.
func TestManyWriters(t *testing.T) {
	app := pgtest.Open(t)
	app.SetMaxOpenConns(24)
	const writers, each = 64, 25
	var wg sync.WaitGroup
	n, _ := notary(t, app, t.TempDir())
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				err := postgres.InTx(t.Context(), app, func(tx *sqlx.Tx) error {
					if err := record.Append(t.Context(), tx, org.Portal, "test.act", fmt.Sprintf("thing:%d", w), map[string]any{"i": i}); err != nil {
						return err
					}
					if i%9 == 0 {
						return errUndone // an act that fails leaves no entry
					}
					return nil
				})
				if err != nil && !errors.Is(err, errUndone) {
					t.Error(err)
				}
			}
		})
	}
	for range 5 {
		if err := n.Checkpoint(t.Context()); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	if err := n.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	filed, err := n.Filed()
	if err != nil {
		t.Fatal(err)
	}
	c, err := record.NewStore(app).Verify(t.Context(), n.Key(), filed...)
	if err != nil || c.Problem != nil || c.Entries != writers*(each-3) {
		t.Errorf("%d entries, %v, %v; want %d", c.Entries, c.Problem, err, writers*(each-3))
	}
}

var errUndone = errors.New("the act failed")

// A restored older state is refused at the start, until somebody says on record
// that it was meant.
func TestRestoredOlderState(t *testing.T) {
	dir := t.TempDir()
	older := pgtest.Open(t)
	appendN(t, older, 3)
	newer := pgtest.Open(t)
	appendN(t, newer, 3)
	n, file := notary(t, newer, dir)
	if err := n.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); err != nil {
		t.Errorf("the same database: %v", err)
	}
	back, _ := notary(t, older, dir)
	if err := back.Start(t.Context()); !errors.Is(err, record.ErrRolledBack) {
		t.Fatalf("an older database: %v, want ErrRolledBack", err)
	}
	if err := back.Accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := back.Start(t.Context()); err != nil {
		t.Errorf("after it was accepted: %v", err)
	}
	rows, _, err := record.NewStore(older).Entries(t.Context(), record.Filter{Action: "audit.restore-accepted", Page: 1, Size: 5})
	if err != nil || len(rows) != 1 {
		t.Errorf("%d entries of it, %v", len(rows), err)
	}
	kept, _ := filepath.Glob(file + ".*")
	if len(kept) != 1 {
		t.Errorf("the old checkpoints are gone: %v", kept)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("the file did not begin anew")
	}
}

// A witness sees a log that was written anew, even with the log's own key.
func TestConsistencyOfTheAuditLog(t *testing.T) {
	app := pgtest.Open(t)
	n, _ := notary(t, app, t.TempDir())
	var last merkle.Checkpoint
	for i := range 4 {
		appendN(t, app, 3+i)
		if err := n.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		text, err := n.Latest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		cp, _, err := merkle.Open([]byte(text), n.Key())
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			if err := merkle.Extends(last, cp, n.Proofs(t.Context())); err != nil {
				t.Errorf("from %d to %d: %v", last.Size, cp.Size, err)
			}
			last.Root[0] ^= 1
			if err := merkle.Extends(last, cp, n.Proofs(t.Context())); !errors.Is(err, merkle.ErrFork) {
				t.Errorf("from another log of %d: %v", last.Size, err)
			}
		}
		last = cp
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{2, 16, 64} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) {
			app := pgtest.Open(b)
			app.SetMaxOpenConns(20)
			b.SetParallelism(writers / 2) // times two processors
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					appendN(b, app, 1)
				}
			})
		})
	}
}
