//go:build unix

package embedded

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"pingyi/postgres"
)

// Server is a running private PostgreSQL.
type Server struct {
	opts     Options
	bin      string
	cluster  string
	sockets  string
	as       *syscall.Credential
	password string
	lock     *os.File
	logFile  string

	mu       sync.Mutex
	child    *os.Process
	stopping bool
	exited   chan struct{} // closed when the watcher has ended
}

// Start makes the cluster where there is none, starts the server and keeps it
// running until Stop. It returns ErrOwned when another process has the folder.
func Start(ctx context.Context, opts Options) (*Server, error) {
	if opts.Logf == nil {
		opts.Logf = func(string, ...any) {}
	}
	s, err := prepare(opts)
	if err != nil {
		return nil, err
	}
	if err := s.take(); err != nil {
		return nil, err
	}
	if err := s.run(ctx); err != nil {
		_ = s.lock.Close()
		return nil, err
	}
	return s, nil
}

// Attach returns the address of the database that another process runs on the
// folder, once it answers.
func Attach(ctx context.Context, opts Options) (string, error) {
	s, err := prepare(opts)
	if err != nil {
		return "", err
	}
	pw, err := os.ReadFile(filepath.Join(opts.Dir, "postgres.password"))
	if err != nil {
		return "", fmt.Errorf("read the database's password: %w", err)
	}
	s.password = strings.TrimSpace(string(pw))
	return s.DSN(), s.answers(ctx, opts.Database, readyWithin)
}

// prepare settles paths, user and programs.
func prepare(opts Options) (*Server, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	opts.Dir = dir
	s := &Server{opts: opts, cluster: filepath.Join(dir, "postgres"), logFile: filepath.Join(dir, "postgres.log")}
	major, err := dataVersion(s.cluster)
	if err != nil {
		return nil, err
	}
	if s.bin, err = programs(opts.BinDir, major); err != nil {
		return nil, err
	}
	if s.as, err = runAs(s.cluster); err != nil {
		return nil, err
	}
	// a socket's path may have about 100 bytes
	s.sockets = filepath.Join(dir, "sockets")
	if len(s.sockets) > 80 {
		sum := sha256.Sum256([]byte(dir))
		s.sockets = filepath.Join(os.TempDir(), "pingyi-"+hex.EncodeToString(sum[:6]))
	}
	return s, nil
}

// take locks the folder for this process and readies the folders in it.
func (s *Server) take() error {
	if err := os.MkdirAll(s.opts.Dir, 0o711); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(s.opts.Dir, "pingyi.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the lock of the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner, _ := os.ReadFile(f.Name())
		_ = f.Close()
		return fmt.Errorf("%w: %s (process %s)", ErrOwned, s.opts.Dir, strings.TrimSpace(string(owner)))
	}
	_ = f.Truncate(0)
	_, _ = f.WriteAt([]byte(fmt.Sprintln(os.Getpid())), 0)
	s.lock = f
	if err := enterable(s.cluster, s.as); err != nil {
		_ = f.Close()
		return err
	}
	if err := own(s.sockets, s.as); err != nil {
		_ = f.Close()
		return err
	}
	return nil
}

func (s *Server) run(ctx context.Context) error {
	if err := s.readPassword(); err != nil {
		return err
	}
	if err := s.initialise(ctx); err != nil {
		return err
	}
	if err := s.clearAway(); err != nil {
		return err
	}
	s.exited = make(chan struct{})
	go s.watch()
	if err := s.answers(ctx, "postgres", readyWithin); err != nil {
		_ = s.Stop()
		return fmt.Errorf("%w\n%s", err, s.lastLog())
	}
	return s.createDatabase(ctx)
}

// readPassword reads or draws the superuser's password, in a file for this user alone.
func (s *Server) readPassword() error {
	file := filepath.Join(s.opts.Dir, "postgres.password")
	b, err := os.ReadFile(file)
	if err == nil {
		s.password = strings.TrimSpace(string(b))
		return nil
	}
	if !os.IsNotExist(err) {
		return fmt.Errorf("read the database's password: %w", err)
	}
	var r [24]byte
	_, _ = rand.Read(r[:])
	s.password = hex.EncodeToString(r[:])
	if err := os.WriteFile(file, []byte(s.password+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the database's password: %w", err)
	}
	return nil
}

// initialise makes the cluster in a folder beside and renames it, so that a
// cut-off start never looks like a cluster.
func (s *Server) initialise(ctx context.Context) error {
	if v, err := dataVersion(s.cluster); err != nil || v != 0 {
		return err
	}
	s.opts.Logf("preparing the database in %s", s.cluster)
	fresh := s.cluster + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear a cut-off start: %w", err)
	}
	if err := own(fresh, s.as); err != nil {
		return err
	}
	pwfile := filepath.Join(s.sockets, "pw")
	if err := os.WriteFile(pwfile, []byte(s.password+"\n"), 0o600); err != nil {
		return fmt.Errorf("hand over the password: %w", err)
	}
	defer func() { _ = os.Remove(pwfile) }()
	if s.as != nil {
		if err := os.Chown(pwfile, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return fmt.Errorf("hand over the password: %w", err)
		}
	}
	args := []string{"-D", fresh, "-U", superuser, "-E", "UTF8", "--locale=C", "--data-checksums", "-A", "scram-sha-256", "--pwfile=" + pwfile}
	if s.opts.Fast {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"), args...)
	cmd.SysProcAttr = childAttr(s.as)
	cmd.Dir = s.sockets
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := os.Rename(fresh, s.cluster); err != nil {
		return fmt.Errorf("put the cluster in place: %w", err)
	}
	return nil
}

// createDatabase makes the portal's database once.
func (s *Server) createDatabase(ctx context.Context) error {
	db, err := postgres.Open(ctx, s.dsn("postgres"), 1)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var exists bool
	if err := db.GetContext(ctx, &exists, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, s.opts.Database); err != nil {
		return fmt.Errorf("look for the portal's database: %w", err)
	}
	if !exists {
		if _, err := db.ExecContext(ctx, `CREATE DATABASE "`+s.opts.Database+`"`); err != nil {
			return fmt.Errorf("create the portal's database: %w", err)
		}
	}
	return nil
}

// Recreate drops the portal's database and the named others with all they hold,
// and makes the portal's anew, empty.
func (s *Server) Recreate(ctx context.Context, others ...string) error {
	db, err := postgres.Open(ctx, s.dsn("postgres"), 1)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, name := range append(others, s.opts.Database) {
		if _, err := db.ExecContext(ctx, `DROP DATABASE IF EXISTS "`+name+`" WITH (FORCE)`); err != nil {
			return fmt.Errorf("drop database %s: %w", name, err)
		}
	}
	return s.createDatabase(ctx)
}

// Dir is the data folder.
func (s *Server) Dir() string { return s.opts.Dir }

// DSN is the superuser's address of the portal's database.
func (s *Server) DSN() string { return s.dsn(s.opts.Database) }

func (s *Server) dsn(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(superuser, s.password), Path: "/" + database}
	u.RawQuery = url.Values{"host": {s.sockets}, "sslmode": {"disable"}, "connect_timeout": {"5"}}.Encode()
	return u.String()
}

// answers waits until the database takes connections.
func (s *Server) answers(ctx context.Context, database string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		db, err := postgres.Open(ctx, s.dsn(database), 1)
		if err == nil {
			return db.Close()
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the database did not answer within %s", within), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// lastLog returns the end of the server's log, for an error message.
func (s *Server) lastLog() string {
	b, err := os.ReadFile(s.logFile)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}
