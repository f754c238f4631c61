package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Run-time roles. They own nothing: the portal may read and write its tables,
// the caster may put a ballot in, the tally may count after the close.
const (
	RoleApp   = "pingyi_app"
	RoleCast  = "pingyi_cast"
	RoleTally = "pingyi_tally"
)

// DSNs are the addresses of the databases by role.
type DSNs struct {
	Portal      string // run-time role of the portal's database
	Cast, Tally string // run-time roles of the ballot box
	PortalOwner string // for migrations
	BoxOwner    string
}

// RolePassword derives the password of a run-time role, so that every process
// that shares the secret knows it and nothing has to be stored.
func RolePassword(secret []byte, role string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("role:" + role))
	return hex.EncodeToString(mac.Sum(nil)[:24])
}

// Prepare makes sure that on the server of admin the run-time roles exist and
// that the ballot box has a database of its own beside the portal's. It returns
// the addresses to use. When the given user may not do that, the error holds the
// statements a database administrator has to run.
func Prepare(ctx context.Context, admin string, secret []byte) (DSNs, error) {
	admin, err := normalise(admin)
	if err != nil {
		return DSNs{}, err
	}
	db, err := Open(ctx, admin, 2)
	if err != nil {
		return DSNs{}, err
	}
	defer func() { _ = db.Close() }()
	var name string
	if err := db.GetContext(ctx, &name, `SELECT current_database()`); err != nil {
		return DSNs{}, fmt.Errorf("ask for the database's name: %w", err)
	}
	box := name + "_box"
	if err := prepareRoles(ctx, db, name, box, secret); err != nil {
		return DSNs{}, fmt.Errorf("%w\nThe database user may not prepare roles and the ballot box's database. "+
			"Ask the database administrator to run:\n%s", err, statements(name, box, secret))
	}
	with := func(database, role string) (string, error) {
		return rewrite(admin, database, role, RolePassword(secret, role))
	}
	var d DSNs
	d.PortalOwner = admin
	if d.BoxOwner, err = rewrite(admin, box, "", ""); err != nil {
		return DSNs{}, err
	}
	if d.Portal, err = with(name, RoleApp); err != nil {
		return DSNs{}, err
	}
	if d.Cast, err = with(box, RoleCast); err != nil {
		return DSNs{}, err
	}
	d.Tally, err = with(box, RoleTally)
	return d, err
}

func prepareRoles(ctx context.Context, db *sqlx.DB, portal, box string, secret []byte) error {
	conn, err := db.Connx(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close() }()
	// roles belong to the whole server: one process at a time
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(72410001)`); err != nil {
		return fmt.Errorf("lock roles: %w", err)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(72410001)`) }()
	for _, role := range []string{RoleApp, RoleCast, RoleTally} {
		var exists bool
		if err := conn.GetContext(ctx, &exists, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role); err != nil {
			return fmt.Errorf("look for role %s: %w", role, err)
		}
		verb := "ALTER"
		if !exists {
			verb = "CREATE"
		}
		q := verb + ` ROLE ` + pq.QuoteIdentifier(role) + ` LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ` + pq.QuoteLiteral(RolePassword(secret, role))
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("prepare role %s: %w", role, err)
		}
	}
	var exists bool
	if err := conn.GetContext(ctx, &exists, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, box); err != nil {
		return fmt.Errorf("look for database %s: %w", box, err)
	}
	if !exists {
		if _, err := conn.ExecContext(ctx, `CREATE DATABASE `+pq.QuoteIdentifier(box)); err != nil {
			return fmt.Errorf("create database %s: %w", box, err)
		}
	}
	// the portal's role may not even connect to the box, nor the box's to the portal
	for _, q := range []string{
		`REVOKE CONNECT ON DATABASE ` + pq.QuoteIdentifier(box) + ` FROM PUBLIC`,
		`GRANT CONNECT ON DATABASE ` + pq.QuoteIdentifier(box) + ` TO ` + RoleCast + `, ` + RoleTally,
		`REVOKE CONNECT ON DATABASE ` + pq.QuoteIdentifier(portal) + ` FROM PUBLIC`,
		`GRANT CONNECT ON DATABASE ` + pq.QuoteIdentifier(portal) + ` TO ` + RoleApp,
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("separate the databases: %w", err)
		}
	}
	return nil
}

// statements are what an administrator runs by hand where the portal may not.
func statements(portal, box string, secret []byte) string {
	var b strings.Builder
	for _, role := range []string{RoleApp, RoleCast, RoleTally} {
		fmt.Fprintf(&b, "  CREATE ROLE %s LOGIN PASSWORD '%s';\n", role, RolePassword(secret, role))
	}
	fmt.Fprintf(&b, "  CREATE DATABASE %s OWNER <the portal's user>;\n", box)
	fmt.Fprintf(&b, "  REVOKE CONNECT ON DATABASE %s, %s FROM PUBLIC;\n", portal, box)
	fmt.Fprintf(&b, "  GRANT CONNECT ON DATABASE %s TO %s;\n  GRANT CONNECT ON DATABASE %s TO %s, %s;\n", portal, RoleApp, box, RoleCast, RoleTally)
	return b.String()
}

// normalise accepts the usual form of several hosts, postgres://u:p@a:1,b:2/db,
// which the driver does not, and states what must be stated.
func normalise(dsn string) (string, error) {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return "", fmt.Errorf("DATABASE_URL must begin with postgres://")
	}
	scheme, rest, _ := strings.Cut(dsn, "://")
	authority, tail, _ := strings.Cut(rest, "/")
	user, hosts := "", authority
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		user, hosts = authority[:i+1], authority[i+1:]
	}
	if strings.Contains(hosts, ",") {
		var names, ports []string
		for _, h := range strings.Split(hosts, ",") {
			name, port, ok := strings.Cut(h, ":")
			if !ok {
				port = "5432"
			}
			names, ports = append(names, name), append(ports, port)
		}
		sep := "?"
		if strings.Contains(tail, "?") {
			sep = "&"
		}
		tail += sep + "host=" + strings.Join(names, ",") + "&port=" + strings.Join(ports, ",")
		if !strings.Contains(tail, "target_session_attrs") {
			tail += "&target_session_attrs=read-write"
		}
		hosts = ""
	}
	u, err := url.Parse(scheme + "://" + user + hosts + "/" + tail)
	if err != nil {
		return "", fmt.Errorf("DATABASE_URL is not an address: %w", err)
	}
	q := u.Query()
	if q.Get("connect_timeout") == "" {
		q.Set("connect_timeout", "5")
	}
	if q.Get("sslmode") == "" {
		if h := u.Hostname(); h == "" && strings.HasPrefix(q.Get("host"), "/") || h == "localhost" || h == "127.0.0.1" || h == "::1" {
			q.Set("sslmode", "disable")
		} else {
			q.Set("sslmode", "require")
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// rewrite changes database, user and password of an address; an empty user keeps
// the one it has.
func rewrite(dsn, database, user, password string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", fmt.Errorf("read address: %w", err)
	}
	u.Path = "/" + database
	if user != "" {
		u.User = url.UserPassword(user, password)
	}
	return u.String(), nil
}

// CheckDurable refuses a server on which "committed" would not mean "kept".
func CheckDurable(ctx context.Context, db *sqlx.DB) error {
	var v struct {
		Version int    `db:"version"`
		Fsync   string `db:"fsync"`
		Sync    string `db:"sync"`
		Full    string `db:"full_pages"`
		Track   string `db:"track"`
	}
	const q = `SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,
		current_setting('synchronous_commit') AS sync, current_setting('full_page_writes') AS full_pages,
		current_setting('track_commit_timestamp') AS track`
	if err := db.GetContext(ctx, &v, q); err != nil {
		return fmt.Errorf("read server settings: %w", err)
	}
	switch {
	case v.Version < 150000:
		return fmt.Errorf("PostgreSQL 15 or later is needed, this is %d", v.Version/10000)
	case v.Fsync != "on" || v.Full != "on" || v.Sync == "off":
		return fmt.Errorf("the database may lose what it acknowledged: fsync=%s, full_page_writes=%s, synchronous_commit=%s; all must be on", v.Fsync, v.Full, v.Sync)
	case v.Track == "on":
		return fmt.Errorf("track_commit_timestamp is on: it would keep the moment of every ballot; switch it off")
	}
	return nil
}
