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
// that the ballot box has a database of its own: that of the address box, on a
// server of its own, or, when box is empty, one beside the portal's. It returns
// the addresses to use. When the given user may not do that, the error holds the
// statements a database administrator has to run.
func Prepare(ctx context.Context, admin, box string, secret []byte) (DSNs, error) {
	d, err := prepare(ctx, admin, "", secret)
	if err != nil || box == "" {
		return d, err
	}
	other, err := prepare(ctx, box, "same", secret)
	if err != nil {
		return DSNs{}, fmt.Errorf("the ballot box's server: %w", err)
	}
	d.BoxOwner, d.Cast, d.Tally = other.PortalOwner, other.Cast, other.Tally
	return d, nil
}

// prepare prepares a server; with boxIn "same" the box is the database of the
// address itself.
func prepare(ctx context.Context, admin, boxIn string, secret []byte) (DSNs, error) {
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
	if boxIn != "" {
		box = name
	}
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
	quiet(ctx, conn)
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
	if portal == box {
		q := `REVOKE CONNECT ON DATABASE ` + pq.QuoteIdentifier(box) + ` FROM PUBLIC; GRANT CONNECT ON DATABASE ` + pq.QuoteIdentifier(box) + ` TO ` + RoleCast + `, ` + RoleTally
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("close the box's database to others: %w", err)
		}
		return nil
	}
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

// silent are the settings under which the server's log holds nothing of a ballot:
// no statement, no parameter, no value of a row in an error.
var silent = [][2]string{
	{"log_statement", "none"}, {"log_min_duration_statement", "-1"}, {"log_min_duration_sample", "-1"}, {"log_transaction_sample_rate", "0"}, {"log_duration", "off"},
	{"log_min_error_statement", "panic"}, {"log_error_verbosity", "terse"}, {"log_parameter_max_length", "0"}, {"log_parameter_max_length_on_error", "0"},
}

// quiet sets them for the roles of the box, where the user may; CheckSilent then
// says whether they hold.
func quiet(ctx context.Context, conn *sqlx.Conn) {
	for _, q := range silencing() {
		_, _ = conn.ExecContext(ctx, q)
	}
}

func silencing() []string {
	var out []string
	for _, role := range []string{RoleCast, RoleTally} {
		for _, s := range silent {
			out = append(out, `ALTER ROLE `+role+` SET `+s[0]+` = '`+s[1]+`'`)
		}
	}
	return out
}

// CheckSilent refuses a server whose log would hold parts of ballots, asked over
// the connection of a role of the box.
func CheckSilent(ctx context.Context, db *sqlx.DB) error {
	var bad []string
	for _, s := range silent {
		var have string
		if err := db.GetContext(ctx, &have, `SELECT current_setting($1)`, s[0]); err != nil {
			return fmt.Errorf("read server settings: %w", err)
		}
		if have != s[1] {
			bad = append(bad, fmt.Sprintf("%s is %s, not %s", s[0], have, s[1]))
		}
	}
	var track, explain string
	if err := db.QueryRowContext(ctx, `SELECT current_setting('track_commit_timestamp'), coalesce(current_setting('auto_explain.log_min_duration', true), '-1')`).Scan(&track, &explain); err != nil {
		return fmt.Errorf("read server settings: %w", err)
	}
	if track == "on" {
		bad = append(bad, "track_commit_timestamp is on: it keeps the moment of every ballot")
	}
	if explain != "-1" {
		bad = append(bad, "auto_explain.log_min_duration is "+explain+", not -1")
	}
	if len(bad) > 0 {
		return fmt.Errorf("the database server's log would betray ballots: %s. Ask the database administrator to run:\n  %s;", strings.Join(bad, "; "), strings.Join(silencing(), ";\n  "))
	}
	return nil
}

// SameServer reports whether two connections lead to one cluster: one
// write-ahead log, one superuser.
func SameServer(ctx context.Context, a, b *sqlx.DB) (bool, error) {
	var ids [2]string
	for i, db := range []*sqlx.DB{a, b} {
		if err := db.GetContext(ctx, &ids[i], `SELECT system_identifier::text FROM pg_control_system()`); err != nil {
			return false, fmt.Errorf("ask a server who it is: %w", err)
		}
	}
	return ids[0] == ids[1], nil
}
