package feedback

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
)

// Quota is how many bytes of files one company may keep with its issues, the chamber
// with the collective ones. An anonymous issue has AnonymousQuota of its own, since
// nobody knows which of them belong together.
const (
	Quota          = 200 << 20
	AnonymousQuota = 50 << 20
)

// withinQuota refuses files with which whoever raised the issue would keep more than
// its quota. Files of officials do not count. Two posts at once wait for each other.
func (s *Store) withinQuota(ctx context.Context, tx *sqlx.Tx, issue IssueID, files []File) error {
	var of struct {
		Origin  Origin `db:"origin"`
		Company int64  `db:"company_id"`
	}
	if err := tx.GetContext(ctx, &of, `SELECT origin, coalesce(company_id, 0) AS company_id FROM issues WHERE id = $1`, issue); err != nil {
		return fmt.Errorf("read whose files they are: %w", err)
	}
	key, most := fmt.Sprintf("files-%s-%d", of.Origin, of.Company), int64(Quota)
	where := `i.origin = 'company' AND i.company_id = $1`
	arg := of.Company
	switch of.Origin {
	case FromChamber:
		where = `i.origin = 'chamber' AND $1::bigint = 0`
	case FromNobody:
		key, most, arg = fmt.Sprintf("files-of-%d", issue), AnonymousQuota, int64(issue)
		where = `i.id = $1`
	}
	if err := only(ctx, tx, key); err != nil {
		return err
	}
	var kept int64
	q := `SELECT coalesce(sum(f.size), 0) FROM issues i JOIN issue_files f ON f.issue_id = i.id JOIN issue_events e ON e.id = f.event_id
		WHERE e.role IN ('company', 'chamber', 'anonymous') AND ` + where
	if err := tx.GetContext(ctx, &kept, q, arg); err != nil {
		return fmt.Errorf("count files: %w", err)
	}
	for _, f := range files {
		kept += int64(f.Size)
	}
	if kept > most {
		return fault.Field("files", "file.quota", "Size", int(most>>20))
	}
	return nil
}
