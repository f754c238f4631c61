package job_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pingyi/fault"
	"pingyi/job"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

var somebody = org.Actor{}

func TestJobs(t *testing.T) {
	ctx, db := context.Background(), pgtest.Open(t)
	now := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	s := job.NewStore(db, func() time.Time { return now })
	if _, err := db.Exec(`INSERT INTO accounts (login, name, role, body_id, created_at) SELECT 'operator', '运维', 'operator', id, now() FROM bodies WHERE kind = 'operator'`); err != nil {
		t.Fatal(err)
	}
	somebody.Account = 1
	if err := db.Get(&somebody.Account, `SELECT id FROM accounts`); err != nil {
		t.Fatal(err)
	}
	add := func(key string) job.ID {
		t.Helper()
		id, err := s.Add(ctx, "copy", somebody, key, []byte("input"), map[string]string{"a": "b"})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	get := func(id job.ID) job.Job {
		t.Helper()
		j, err := s.Get(ctx, "copy", id)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	run := func(w job.Work) (bool, error) { return s.RunOne(ctx, map[string]job.Work{"copy": w}) }

	t.Run("done once, with progress and a result", func(t *testing.T) {
		id := add("one")
		if again := add("one"); again != id {
			t.Fatalf("the same key made job %d and job %d", id, again)
		}
		did, err := run(func(_ context.Context, j job.Job, progress func(string, int, int)) (any, error) {
			progress("copy", 3, 7)
			if during := get(id); during.State != job.Running || during.Done != 3 || during.Total != 7 || during.Step != "copy" {
				t.Errorf("during: %+v", during)
			}
			return map[string]string{"got": string(j.Input)}, nil
		})
		if j := get(id); !did || err != nil || j.State != job.Done || string(j.Result) != `{"got": "input"}` || j.Finished == nil {
			t.Errorf("did %v, %v: %+v", did, err, j)
		}
		if did, err := run(nil); did || err != nil {
			t.Errorf("a finished job was done again: %v %v", did, err)
		}
	})
	t.Run("a fault ends it with its message", func(t *testing.T) {
		id := add("fault")
		_, err := run(func(context.Context, job.Job, func(string, int, int)) (any, error) {
			return nil, fault.New(fault.Conflict, "import.changed")
		})
		if j := get(id); err != nil || j.State != job.Failed || j.Problem != "import.changed" {
			t.Errorf("%v: %+v", err, j)
		}
	})
	t.Run("a failure is tried again, three times in all", func(t *testing.T) {
		id := add("fails")
		for range 3 {
			if _, err := run(func(context.Context, job.Job, func(string, int, int)) (any, error) { return nil, errors.New("disk") }); err == nil {
				t.Error("the failure was kept secret")
			}
			if did, _ := run(nil); did {
				t.Error("tried again at once")
			}
			now = now.Add(6 * time.Second)
		}
		if j := get(id); j.State != job.Failed || j.Problem != "job.given-up" || j.Attempts != 3 {
			t.Errorf("%+v", j)
		}
	})
	t.Run("a job whose worker died is taken again when its lease is over", func(t *testing.T) {
		id := add("died")
		cut, cancel := context.WithCancel(ctx)
		_, _ = s.RunOne(cut, map[string]job.Work{"copy": func(ctx context.Context, _ job.Job, _ func(string, int, int)) (any, error) {
			cancel()
			return nil, ctx.Err()
		}})
		if j := get(id); j.State != job.Running {
			t.Fatalf("%+v", j)
		}
		if did, _ := run(nil); did {
			t.Error("taken while the lease runs")
		}
		now = now.Add(31 * time.Second)
		if did, err := run(func(context.Context, job.Job, func(string, int, int)) (any, error) { return "ok", nil }); !did || err != nil || get(id).State != job.Done {
			t.Errorf("did %v, %v: %+v", did, err, get(id))
		}
	})
	if _, err := s.Get(ctx, "other", 1); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a job is found under another kind: %v", err)
	}
}
