package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
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
	with := func(database, role string) (string, error) {
		return rewrite(admin, database, role, RolePassword(secret, role))
	}
	signIn := func(role string) error {
		database := box
		if role == RoleApp {
			database = name
		}
		dsn, err := with(database, role)
		if err != nil {
			return err
		}
		one, err := Open(ctx, dsn, 1)
		if err != nil {
			return err
		}
		return one.Close()
	}
	if err := prepareRoles(ctx, db, name, box, signIn, secret); err != nil {
		return DSNs{}, err
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

// prepareRoles runs the statements the server lacks. It collects all that the
// user may not run, so that an administrator hears of them once.
func prepareRoles(ctx context.Context, db *sqlx.DB, portal, box string, signIn func(role string) error, secret []byte) error {
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
	var refused []string
	for _, lacking := range []func() ([]string, error){
		func() ([]string, error) { return missingRoles(ctx, conn, secret) },
		func() ([]string, error) { return missingBox(ctx, conn, box) },
		func() ([]string, error) { return missingWalls(ctx, conn, portal, box) },
		func() ([]string, error) { return wrongPasswords(ctx, conn, signIn, secret) },
		func() ([]string, error) { return missingSilence(ctx, conn) },
	} {
		statements, err := lacking()
		if err != nil {
			return err
		}
		for _, q := range statements {
			if _, err := conn.ExecContext(ctx, q); err != nil && !mayNot(err) {
				return fmt.Errorf("prepare the server: %w", err)
			}
		}
		// asked again, for a grant without the right to grant is a warning only
		if statements, err = lacking(); err != nil {
			return err
		}
		refused = append(refused, statements...)
	}
	if len(refused) > 0 {
		return fmt.Errorf("the database user may not prepare the server. Ask the database administrator to run, as a superuser:\n  %s;", strings.Join(refused, ";\n  "))
	}
	return nil
}

// mayNot reports whether a statement failed for want of a right, or of something
// that an earlier statement, refused for that reason, would have made.
func mayNot(err error) bool {
	var e *pq.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == "42501" || e.Code == "42704" || e.Code == "3D000"
}

var runtimeRoles = []string{RoleApp, RoleCast, RoleTally}

// missingRoles makes the roles that are not there, and takes rights away from one
// that has more than it should.
func missingRoles(ctx context.Context, conn *sqlx.Conn, secret []byte) ([]string, error) {
	var out []string
	for _, role := range runtimeRoles {
		var powers []bool
		const q = `SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls OR NOT rolcanlogin FROM pg_roles WHERE rolname = $1`
		if err := conn.SelectContext(ctx, &powers, q, role); err != nil {
			return nil, fmt.Errorf("look for role %s: %w", role, err)
		}
		switch {
		case len(powers) == 0:
			out = append(out, `CREATE ROLE `+role+` LOGIN PASSWORD `+pq.QuoteLiteral(RolePassword(secret, role)))
		case powers[0]:
			out = append(out, `ALTER ROLE `+role+` LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS`)
		}
	}
	return out, nil
}

// missingBox makes the box's database, owned by whoever runs the migrations.
func missingBox(ctx context.Context, conn *sqlx.Conn, box string) ([]string, error) {
	var v struct {
		Exists bool   `db:"exists"`
		User   string `db:"name"`
	}
	const q = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1), current_user AS name`
	if err := conn.GetContext(ctx, &v, q, box); err != nil {
		return nil, fmt.Errorf("look for database %s: %w", box, err)
	}
	if v.Exists {
		return nil, nil
	}
	return []string{`CREATE DATABASE ` + pq.QuoteIdentifier(box) + ` OWNER ` + pq.QuoteIdentifier(v.User)}, nil
}

// missingWalls let each role connect to its own database and nobody else to
// either: the portal's role may not even connect to the box, nor the box's to the
// portal.
func missingWalls(ctx context.Context, conn *sqlx.Conn, portal, box string) ([]string, error) {
	who := map[string][]string{box: {RoleCast, RoleTally}}
	if portal != box {
		who[portal] = []string{RoleApp}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(who)) {
		var has []string
		const q = `SELECT coalesce(r.rolname, 'PUBLIC') FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
			LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE d.datname = $1 AND a.privilege_type = 'CONNECT'`
		if err := conn.SelectContext(ctx, &has, q, name); err != nil {
			return nil, fmt.Errorf("ask who may connect to %s: %w", name, err)
		}
		if len(has) == 0 || slices.Contains(has, "PUBLIC") { // none: the database is still to be made
			out = append(out, `REVOKE CONNECT ON DATABASE `+pq.QuoteIdentifier(name)+` FROM PUBLIC`)
		}
		for _, role := range who[name] {
			if !slices.Contains(has, role) {
				out = append(out, `GRANT CONNECT ON DATABASE `+pq.QuoteIdentifier(name)+` TO `+role)
			}
		}
	}
	return out, nil
}

// wrongPasswords gives the roles that refuse the password of this secret the
// right one.
func wrongPasswords(ctx context.Context, conn *sqlx.Conn, signIn func(role string) error, secret []byte) ([]string, error) {
	var there, out []string
	if err := conn.SelectContext(ctx, &there, `SELECT rolname FROM pg_roles WHERE rolname = ANY($1)`, pq.Array(runtimeRoles)); err != nil {
		return nil, fmt.Errorf("look for roles: %w", err)
	}
	for _, role := range there {
		var e *pq.Error
		if err := signIn(role); errors.As(err, &e) && e.Code.Class() == "28" {
			out = append(out, `ALTER ROLE `+role+` PASSWORD `+pq.QuoteLiteral(RolePassword(secret, role)))
		}
	}
	return out, nil
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
