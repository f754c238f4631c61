// Package watch is the program of a witness: it checks, with its own memory of
// what it saw, that a log only ever grew, and cosigns its checkpoint.
package watch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"pingyi/merkle"
)

// Watcher is the witness's side: one log, watched with one key.
type Watcher struct {
	Log    string // address of the log, https://portal.example/log/4
	LogKey string // its public key, taken from the published sheet and not from the log itself
	Signer note.Signer
	State  string // file with the last checkpoint cosigned
	Client *http.Client
}

// Seen is the outcome of a look at the log.
type Seen struct {
	Checkpoint merkle.Checkpoint
	Before     int64 // size at the last look
}

// maxAnswer is the largest answer of a log that is read, in bytes.
const maxAnswer = 1 << 20

// Look fetches the latest checkpoint, checks that it extends the last one seen,
// notes it and hands in the cosignature. It returns merkle.ErrFork when the log
// was rolled back or forked; then nothing is cosigned.
func (w *Watcher) Look(ctx context.Context) (Seen, error) {
	msg, err := w.get(ctx, "/checkpoint")
	if err != nil {
		return Seen{}, err
	}
	cp, n, err := merkle.Open(msg, w.LogKey)
	if err != nil {
		return Seen{}, err
	}
	seen := Seen{Checkpoint: cp, Before: -1}
	old, err := os.ReadFile(w.State)
	switch {
	case os.IsNotExist(err):
	case err != nil:
		return seen, fmt.Errorf("read what was seen: %w", err)
	default:
		last, _, err := merkle.Open(old, w.LogKey)
		if err != nil {
			return seen, fmt.Errorf("%s: %w", w.State, err)
		}
		seen.Before = last.Size
		if err := w.extends(ctx, last, cp); err != nil {
			return seen, err
		}
	}
	// first remember, then sign: what was cosigned is never forgotten
	if err := replace(w.State, msg); err != nil {
		return seen, fmt.Errorf("remember the checkpoint: %w", err)
	}
	line, err := merkle.Cosign(n, w.Signer)
	if err != nil {
		return seen, err
	}
	return seen, w.hand(ctx, string(msg)+line)
}

// extends checks the consistency proof from what was seen to what is there now.
func (w *Watcher) extends(ctx context.Context, old, now merkle.Checkpoint) error {
	switch {
	case old.Origin != now.Origin:
		return fmt.Errorf("%w: it was %s and is %s", merkle.ErrFork, old.Origin, now.Origin)
	case now.Size < old.Size:
		return fmt.Errorf("%w: it had %d entries and has %d", merkle.ErrFork, old.Size, now.Size)
	case now.Size == old.Size:
		if now.Root != old.Root {
			return fmt.Errorf("%w: two different logs of %d entries", merkle.ErrFork, now.Size)
		}
		return nil
	case old.Size == 0:
		return nil
	}
	body, err := w.get(ctx, fmt.Sprintf("/proof?from=%d&to=%d", old.Size, now.Size))
	if err != nil {
		return err
	}
	proof, err := merkle.ParseProof(string(body))
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, now.Size, now.Root, old.Size, old.Root); err != nil {
		return fmt.Errorf("%w: the first %d entries are not those seen before", merkle.ErrFork, old.Size)
	}
	return nil
}

func (w *Watcher) get(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(w.Log, "/")+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask the log: %w", err)
	}
	return w.do(r)
}

func (w *Watcher) hand(ctx context.Context, msg string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(w.Log, "/")+"/cosignature", strings.NewReader(url.Values{"note": {msg}}.Encode()))
	if err != nil {
		return fmt.Errorf("hand in the cosignature: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err = w.do(r)
	if a, ok := err.(*answerError); ok && a.code == http.StatusUnprocessableEntity {
		return fmt.Errorf("the portal does not know this witness: have its public key (--show-key) entered there under Witnesses; %w", err)
	}
	return err
}

// answerError is an answer of the log that is not what was asked for.
type answerError struct {
	code         int
	status, path string
}

// Error says it.
func (e *answerError) Error() string {
	return fmt.Sprintf("the log answers %s to %s", e.status, e.path)
}

func (w *Watcher) do(r *http.Request) ([]byte, error) {
	client := w.Client
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	res, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the log: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("ask the log: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, &answerError{res.StatusCode, res.Status, r.URL.Path}
	}
	return body, nil
}

// replace writes a file whole or leaves the old one.
func replace(file string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".seen-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err := f.Write(b); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
