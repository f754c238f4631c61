package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// NoticeFile is the file of a year's task notice.
type NoticeFile struct {
	Name    string `db:"file_name"`
	Type    string `db:"file_type"`
	Content []byte `db:"file"`
}

// AttachNotice keeps the file of a year's notice: while it is a draft it may be
// replaced; once issued it may be added, never replaced. The caller has checked it.
func (s *Store) AttachNotice(ctx context.Context, by org.Actor, year int, f NoticeFile) error {
	if !SharesOut(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const q = `UPDATE task_years SET file_name = $2, file_type = $3, file = $4 WHERE year = $1 AND (issued_at IS NULL OR file IS NULL)`
		res, err := tx.ExecContext(ctx, q, year, f.Name, f.Type, f.Content)
		if err != nil {
			return fmt.Errorf("keep the notice's file: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrIssued)
		}
		return record.Append(ctx, tx, by, "task.file", fmt.Sprintf("tasks:%d", year), map[string]any{"bytes": len(f.Content)})
	})
}

// NoticeFile returns the file of a year's notice: to a unit once the notice is issued.
func (s *Store) NoticeFile(ctx context.Context, by org.Actor, year int) (NoticeFile, error) {
	var f NoticeFile
	all := Reads(by) || SharesOut(by)
	if !all && !by.OfUnit(by.Unit) {
		return f, fault.ErrNotFound
	}
	err := s.db.GetContext(ctx, &f, `SELECT file_name, file_type, file FROM task_years WHERE year = $1 AND file IS NOT NULL AND ($2 OR issued_at IS NOT NULL)`, year, all)
	if errors.Is(err, sql.ErrNoRows) {
		return f, fault.ErrNotFound
	}
	if err != nil {
		return f, fmt.Errorf("read the notice's file: %w", err)
	}
	return f, nil
}
