// Package pgtest gives tests a real PostgreSQL with the real migrations: a fresh
// database each, copied from a template, reached under the run-time roles.
package pgtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/migrations"
	"pingyi/postgres"
	"pingyi/postgres/embedded"
)

// Secret is what role passwords of test servers derive from.
var Secret = []byte("the secret of test databases, 32+")

// Box is a fresh ballot box, reached as each of its roles.
type Box struct {
	Owner, Cast, Tally *sqlx.DB
}

// Open returns a fresh portal database under the run-time role, dropped when the
// test ends.
func Open(t testing.TB) *sqlx.DB {
	t.Helper()
	return connect(t, fresh(t, "portal"), postgres.RoleApp)
}

// OpenURL is Open, and the address by which another process reaches the same database.
func OpenURL(t testing.TB) (*sqlx.DB, string) {
	t.Helper()
	name := fresh(t, "portal")
	return connect(t, name, postgres.RoleApp), address(name, postgres.RoleApp)
}

// OpenBoth returns a fresh portal database under the run-time role and under its
// owner, for tests that look behind the run-time role's back.
func OpenBoth(t testing.TB) (app, owner *sqlx.DB) {
	t.Helper()
	name := fresh(t, "portal")
	return connect(t, name, postgres.RoleApp), connect(t, name, "")
}

// OpenBox returns a fresh ballot box.
func OpenBox(t testing.TB) Box {
	t.Helper()
	name := fresh(t, "box")
	return Box{Owner: connect(t, name, ""), Cast: connect(t, name, postgres.RoleCast), Tally: connect(t, name, postgres.RoleTally)}
}

var (
	once      sync.Once
	adminURL  string
	admin     *sqlx.DB
	startErr  error
	templates = map[string]string{}
	mu        sync.Mutex
)

// server returns the administrator's connection of the test server: the one
// PINGYI_TEST_DATABASE_URL names, else a throwaway cluster of this process.
func server(t testing.TB) *sqlx.DB {
	t.Helper()
	once.Do(func() {
		ctx := context.Background()
		adminURL = os.Getenv("PINGYI_TEST_DATABASE_URL")
		if adminURL == "" {
			var s *embedded.Server
			if s, startErr = Throwaway(ctx); startErr != nil {
				return
			}
			adminURL = s.DSN()
		}
		if _, startErr = postgres.Prepare(ctx, adminURL, "", Secret); startErr != nil {
			return
		}
		admin, startErr = postgres.Open(ctx, adminURL, 4)
	})
	if startErr != nil {
		t.Fatalf("test database: %v", startErr)
	}
	return admin
}

// Throwaway starts a cluster that does not sync to disk, in a temporary folder.
// On Linux it ends with this process.
func Throwaway(ctx context.Context) (*embedded.Server, error) {
	dir, err := os.MkdirTemp(os.TempDir(), "pingyi-test-")
	if err != nil {
		return nil, fmt.Errorf("folder of the test cluster: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, fmt.Errorf("folder of the test cluster: %w", err)
	}
	return embedded.Start(ctx, embedded.Options{Dir: filepath.Join(dir, "data"), Database: "pingyi", Fast: true, BinDir: os.Getenv("PINGYI_PG_BINDIR")})
}

// fresh makes a database from the template of the folder's migrations.
func fresh(t testing.TB, folder string) string {
	t.Helper()
	db := server(t)
	mu.Lock()
	defer mu.Unlock()
	tmpl, err := template(db, folder)
	if err != nil {
		t.Fatal(err)
	}
	var r [8]byte
	_, _ = rand.Read(r[:])
	name := "t_" + hex.EncodeToString(r[:])
	if _, err := db.Exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + tmpl + ` STRATEGY file_copy`); err != nil {
		t.Fatalf("copy the template: %v", err)
	}
	t.Cleanup(func() { _, _ = db.Exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`) })
	return name
}

// template makes the template database of the folder once per server and set of
// migrations; other test processes wait for it.
func template(db *sqlx.DB, folder string) (string, error) {
	if name := templates[folder]; name != "" {
		return name, nil
	}
	files, err := migrations.Files()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum.Write([]byte(name))
		sum.Write(files[name])
	}
	name := "template_" + folder + "_" + hex.EncodeToString(sum.Sum(nil)[:6])
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	conn, err := db.Connx(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(72410002)`); err != nil {
		return "", err
	}
	defer func() { _, _ = conn.ExecContext(ctx, `SELECT pg_advisory_unlock(72410002)`) }()
	var exists bool
	if err := conn.GetContext(ctx, &exists, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name); err != nil {
		return "", err
	}
	if !exists {
		if err := build(ctx, conn, name, folder); err != nil {
			return "", err
		}
	}
	templates[folder] = name
	return name, nil
}

func build(ctx context.Context, conn *sqlx.Conn, name, folder string) error {
	making := name + "_making"
	for _, q := range []string{`DROP DATABASE IF EXISTS ` + making + ` WITH (FORCE)`, `CREATE DATABASE ` + making} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("make template: %w", err)
		}
	}
	target, err := postgres.Open(ctx, address(making, ""), 3)
	if err != nil {
		return err
	}
	if folder == "box" {
		err = migrations.Box(ctx, target)
	} else {
		err = migrations.Portal(ctx, target)
	}
	_ = target.Close()
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `ALTER DATABASE `+making+` RENAME TO `+name)
	return err
}

func connect(t testing.TB, name, role string) *sqlx.DB {
	t.Helper()
	db, err := postgres.Open(context.Background(), address(name, role), 16)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// address is adminURL with another database and role.
func address(database, role string) string {
	u, err := url.Parse(adminURL)
	if err != nil {
		panic(err) // it was opened before
	}
	u.Path = "/" + database
	if role != "" {
		u.User = url.UserPassword(role, postgres.RolePassword(Secret, role))
	}
	return u.String()
}
