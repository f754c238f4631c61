package evaluation

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// keepFiles keeps the documents of an appeal, in the transaction that files it.
func keepFiles(ctx context.Context, tx *sqlx.Tx, id AppealID, files []feedback.File) error {
	const q = `INSERT INTO appeal_files (appeal_id, name, type, size, sha256, content) VALUES ($1, $2, $3, $4, $5, $6)`
	for _, f := range files {
		sum := sha256.Sum256(f.Content)
		if _, err := tx.ExecContext(ctx, q, id, f.Name, f.Type, f.Size, sum[:], f.Content); err != nil {
			return fmt.Errorf("keep file of appeal: %w", err)
		}
	}
	return nil
}

// AppealFiles lists the documents of an appeal without their content.
func (s *Store) AppealFiles(ctx context.Context, a Appeal) ([]feedback.File, error) {
	var out []feedback.File
	if err := s.db.SelectContext(ctx, &out, `SELECT id, name, type, size FROM appeal_files WHERE appeal_id = $1 ORDER BY id`, a.ID); err != nil {
		return nil, fmt.Errorf("list files of appeal: %w", err)
	}
	return out, nil
}

// AppealFile returns a document of an appeal to those who may see the appeal.
func (s *Store) AppealFile(ctx context.Context, by org.Actor, id AppealID, file int64) (feedback.File, error) {
	a, err := s.Appeal(ctx, by, id)
	if err != nil {
		return feedback.File{}, err
	}
	var f feedback.File
	err = s.db.GetContext(ctx, &f, `SELECT id, name, type, size, content FROM appeal_files WHERE appeal_id = $1 AND id = $2`, a.ID, file)
	if errors.Is(err, sql.ErrNoRows) {
		return feedback.File{}, fault.ErrNotFound
	}
	if err != nil {
		return feedback.File{}, fmt.Errorf("read file of appeal: %w", err)
	}
	return f, nil
}
