// Package postgres opens the connection pool and holds the few things every
// store needs: a transaction that cannot be left open, and recognising a
// violated constraint by its name.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Open connects to the database of dsn and checks that it answers.
func Open(ctx context.Context, dsn string, maxConns int) (*sqlx.DB, error) {
	connector, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("read connection settings: %w", err)
	}
	db := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	db.SetConnMaxLifetime(30 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return db, nil
}

// With adds settings of the session, each as name=value, to an address.
func With(dsn string, settings ...string) string {
	for _, s := range settings {
		sep := "?"
		if strings.Contains(dsn, "?") {
			sep = "&"
		}
		dsn += sep + s
	}
	return dsn
}

// InTx runs f in a transaction: committed when f returns nil, rolled back
// otherwise, panics included. Every write of the portal goes through it: the
// driver may silently repeat a statement outside a transaction (lib/pq #939).
func InTx(ctx context.Context, db *sqlx.DB, f func(tx *sqlx.Tx) error) (err error) {
	return inTx(ctx, db, nil, f)
}

// InSnapshot runs f in a read-only repeatable-read transaction, so that
// everything f reads is of one moment.
func InSnapshot(ctx context.Context, db *sqlx.DB, f func(tx *sqlx.Tx) error) error {
	return inTx(ctx, db, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, f)
}

func inTx(ctx context.Context, db *sqlx.DB, opts *sql.TxOptions, f func(tx *sqlx.Tx) error) (err error) {
	tx, err := db.BeginTxx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	done := false
	defer func() {
		if !done {
			_ = tx.Rollback()
		}
	}()
	if err := f(tx); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Violates reports whether err is the violation of the named constraint.
func Violates(err error, constraint string) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code.Class() == "23" && e.Constraint == constraint
}

// Unreachable reports whether err says that the database could not be reached,
// is shutting down or has no room: nothing the user did, try again.
func Unreachable(err error) bool {
	if errors.Is(err, sql.ErrConnDone) || isNetwork(err) || (err != nil && strings.HasSuffix(err.Error(), "sql: database is closed")) {
		return true
	}
	var e *pq.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code.Class() {
	case "08", "53", "57", "58":
		return true
	}
	return false
}
