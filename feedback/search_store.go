package feedback

import (
	"context"
	"fmt"
	"strconv"

	"github.com/lib/pq"

	"pingyi/fault"
	"pingyi/org"
)

// newestIssues is how many of the newest issues a search reads before it asks the index.
const newestIssues = 4000

// FindIssues returns the issues that hold every word of q in their number, title or
// text, as far as the actor may see both the issue and the text; the newest first,
// at most limit. Who may not read the text (the chamber) finds by number and title
// alone: a hit would tell what is in it.
func (s *Store) FindIssues(ctx context.Context, by org.Actor, q string, limit int) ([]Issue, error) {
	scope, arg, ok := issueScope(by)
	if !ok {
		return nil, fault.ErrNotFound
	}
	grams, plain := "i.grams", "i.plain"
	if by.Role == org.RoleChamber {
		grams, plain = "i.title_grams", "i.title_plain"
	}
	// a frequent word stands in enough of the newest issues, a rare one has few candidates in the index
	newest := `i.id > (SELECT max(id) FROM issues) - ` + strconv.Itoa(newestIssues) + ` AND ` + plain + ` LIKE ALL (word_patterns($2)) ORDER BY i.id DESC`
	all := grams + ` @@ gram_query($2) AND ` + plain + ` LIKE ALL (word_patterns($2)) ORDER BY i.id + 0 DESC` // + 0: not by a walk through all issues
	var out []Issue
	for _, among := range []string{newest, all} {
		out = nil
		stmt := `SELECT ` + issueColumns + issueTables + `WHERE i.id IN (SELECT id FROM (SELECT i.id FROM issues i WHERE ` + scope + ` AND ` + among + ` LIMIT $3) x
			UNION SELECT i.id FROM issues i WHERE ` + scope + ` AND i.ref = upper($2)) ORDER BY i.id DESC LIMIT $3`
		if err := s.db.SelectContext(ctx, &out, stmt, arg, q, limit); err != nil {
			return nil, fmt.Errorf("find issues: %w", err)
		}
		if len(out) >= limit {
			break
		}
	}
	for i := range out {
		out[i] = veil(by, out[i])
	}
	return out, nil
}

// AlikeIssues returns issues whose title shares most pairs of characters with title,
// candidates for being the same matter: of the actor's own company, or for those who
// read by duty of the category (0: all). Not the issue except. Open and closed ones,
// at most 40.
func (s *Store) AlikeIssues(ctx context.Context, by org.Actor, title string, category int, except IssueID) ([]Issue, error) {
	if by.Role != org.RoleCompany && !isDuty(by) {
		return nil, fault.ErrNotFound
	}
	if by.Role == org.RoleCompany {
		category = 0
	}
	scope, arg, _ := issueScope(by)
	var ids []IssueID
	q := `SELECT i.id FROM issues i WHERE ` + scope + ` AND ($3 = 0 OR i.category = $3) AND i.id <> $4 AND i.title_grams @@ like_query($2)
		ORDER BY ts_rank(i.title_grams, like_query($2), 16) DESC, i.id DESC LIMIT 40` // 16: a long title has more pairs by chance
	if err := s.db.SelectContext(ctx, &ids, q, arg, title, category, except); err != nil {
		return nil, fmt.Errorf("find issues alike: %w", err)
	}
	var out []Issue
	if err := s.db.SelectContext(ctx, &out, `SELECT `+issueColumns+issueTables+`WHERE i.id = ANY($1)`, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("read issues alike: %w", err)
	}
	for i := range out {
		out[i] = veil(by, out[i])
	}
	return out, nil
}
