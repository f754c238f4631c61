//go:build unix

package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"pingyi/postgres"
)

// folder is a data folder that an unprivileged database user can enter.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "pgemb")
	if err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(dir, 0o711)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "data")
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(context.Background(), Options{Dir: dir, Database: "pingyi", Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func exec1(t *testing.T, s *Server, q string) error {
	t.Helper()
	db, err := postgres.Open(context.Background(), s.DSN(), 1)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.Exec(q)
	return err
}

func TestDataSurvivesStopKillAndSecondStart(t *testing.T) {
	dir := folder(t)
	s := start(t, dir)
	if err := exec1(t, s, `CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(context.Background(), Options{Dir: dir, Database: "pingyi"}); !errors.Is(err, ErrOwned) {
		t.Errorf("second start on the folder: got %v, want ErrOwned", err)
	}
	if dsn, err := Attach(context.Background(), Options{Dir: dir, Database: "pingyi"}); err != nil || dsn != s.DSN() {
		t.Errorf("attach: %q, %v", dsn, err)
	}
	// kill -9 of the postmaster: it comes back, the row is there
	s.mu.Lock()
	child := s.child
	s.mu.Unlock()
	if err := child.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := exec1(t, s, `INSERT INTO kept VALUES (2)`)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not back after a kill: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	// a pid file that names some other living program does not stop the next start
	if err := os.WriteFile(filepath.Join(dir, "postgres", "postmaster.pid"), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	defer func() { _ = s.Stop() }()
	if err := exec1(t, s, `DO $$ BEGIN IF (SELECT count(*) FROM kept) <> 2 THEN RAISE 'rows lost'; END IF; END $$`); err != nil {
		t.Error(err)
	}
}

func TestAnotherMajorVersionIsRefusedAndNothingDeleted(t *testing.T) {
	dir := folder(t)
	cluster := filepath.Join(dir, "postgres")
	if err := os.MkdirAll(cluster, 0o700); err != nil {
		t.Fatal(err)
	}
	version := filepath.Join(cluster, "PG_VERSION")
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Start(context.Background(), Options{Dir: dir, Database: "pingyi"}); err == nil {
		_ = s.Stop()
		t.Fatal("data of another major version was accepted")
	}
	if _, err := os.Stat(version); err != nil {
		t.Errorf("the data is gone: %v", err)
	}
}

func TestRecreateLeavesNothing(t *testing.T) {
	s := start(t, folder(t))
	defer func() { _ = s.Stop() }()
	if err := exec1(t, s, `CREATE TABLE gone (n int)`); err != nil {
		t.Fatal(err)
	}
	if err := exec1(t, s, `CREATE DATABASE pingyi_box`); err != nil {
		t.Fatal(err)
	}
	if err := s.Recreate(t.Context(), "pingyi_box"); err != nil {
		t.Fatal(err)
	}
	if err := exec1(t, s, `SELECT FROM gone`); err == nil {
		t.Error("the table is still there")
	}
	if err := exec1(t, s, `CREATE DATABASE pingyi_box`); err != nil {
		t.Errorf("the other database is still there: %v", err)
	}
}
