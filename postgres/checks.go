package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

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

// missingSilence sets them for the roles of the box where neither the role nor the
// server has them; CheckSilent then says whether they hold.
func missingSilence(ctx context.Context, conn *sqlx.Conn) ([]string, error) {
	var out []string
	for _, role := range []string{RoleCast, RoleTally} {
		for _, s := range silent {
			var holds bool
			const q = `SELECT coalesce((SELECT bool_or(c = $2 || '=' || $3) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) c
				WHERE r.rolname = $1 AND s.setdatabase = 0), false) OR current_setting($2) = $3`
			if err := conn.GetContext(ctx, &holds, q, role, s[0], s[1]); err != nil {
				return nil, fmt.Errorf("read the settings of role %s: %w", role, err)
			}
			if !holds {
				out = append(out, silence(role, s))
			}
		}
	}
	return out, nil
}

func silence(role string, s [2]string) string {
	return `ALTER ROLE ` + role + ` SET ` + s[0] + ` = '` + s[1] + `'`
}

func silencing() []string {
	var out []string
	for _, role := range []string{RoleCast, RoleTally} {
		for _, s := range silent {
			out = append(out, silence(role, s))
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
