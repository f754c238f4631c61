// Package migrations brings the two databases up to date: the portal's and the
// ballot box's. Files are numbered, forward only and never edited once released.
package migrations

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed portal/*.sql box/*.sql
var files embed.FS

// Portal brings the portal's database up to date. Several processes may call it
// at once: an advisory lock lets one work and the others wait.
func Portal(ctx context.Context, db *sqlx.DB) error { return up(ctx, db, "portal") }

// Box brings the ballot box's database up to date.
func Box(ctx context.Context, db *sqlx.DB) error { return up(ctx, db, "box") }

func up(ctx context.Context, db *sqlx.DB, folder string) error {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return fmt.Errorf("open migrations of %s: %w", folder, err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("lock for migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db.DB, sub, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("read migrations of %s: %w", folder, err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", folder, err)
	}
	return nil
}

// Files returns the names and contents of all migrations, for the check of their
// numbers and for naming a template database after them.
func Files() (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[path], err = files.ReadFile(path)
		return err
	})
	return out, err
}
