package evaluation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Offices are the two offices whose signatures a result needs.
var Offices = []org.BodyKind{org.BodyPartyOffice, org.BodyGovernmentOffice}

// Dossier is a result's sealed file as those who compile it see it.
type Dossier struct {
	Signatures []Signature
	Missing    []org.BodyKind // offices that have not signed
	Warnings   []Warning
}

// Dossier returns who signed a result and what deserves a look, to those who compile,
// check and approve.
func (s *Store) Dossier(ctx context.Context, by org.Actor, r YearResult) (Dossier, error) {
	if !runs(by) && !by.IsLeader() && by.Role != org.RoleSupervision {
		return Dossier{}, fault.ErrNotFound
	}
	d := Dossier{}
	_, snap, err := s.Snapshot(ctx, r.ID)
	var broken *SnapshotError
	switch {
	case errors.As(err, &broken): // somebody changed the kept file: say so, and show the rest
		d.Warnings = []Warning{{Key: "result.warn-broken", Args: []any{"Part", broken.Part}}}
	case err != nil:
		return d, err
	default:
		d.Warnings = snap.Warnings()
	}
	if d.Signatures, err = s.Signatures(ctx, r.ID); err != nil {
		return d, err
	}
	signed := map[string]bool{}
	for _, g := range d.Signatures {
		signed[g.Office] = true
	}
	for _, k := range Offices {
		if !signed[string(k)] {
			d.Missing = append(d.Missing, k)
		}
	}
	var open struct {
		Appeals    int `db:"appeals"`
		Suspicions int `db:"suspicions"`
		Campaign   int `db:"campaign"` // the first with one
	}
	const q = `SELECT (SELECT count(*) FROM appeals a JOIN year_results y ON y.id = a.result_id WHERE y.year = $1 AND a.state = 'filed') AS appeals,
		(SELECT count(*) FROM suspicions x JOIN campaigns c ON c.id = x.campaign_id WHERE c.year = $1 AND x.state = 'open') AS suspicions,
		(SELECT coalesce(min(c.id), 0) FROM suspicions x JOIN campaigns c ON c.id = x.campaign_id WHERE c.year = $1 AND x.state = 'open') AS campaign`
	if err := s.db.GetContext(ctx, &open, q, r.Year); err != nil {
		return d, fmt.Errorf("count what is open: %w", err)
	}
	if open.Appeals > 0 {
		d.Warnings = append(d.Warnings, Warning{Key: "result.warn-appeals", Args: []any{"Count", open.Appeals}, Href: "/o/appeals"})
	}
	if open.Suspicions > 0 {
		w := Warning{Key: "result.warn-suspicions", Args: []any{"Count", open.Suspicions}}
		if by.IsOffice() || by.Role == org.RoleSupervision { // who decides such cases
			w.Href = fmt.Sprintf("/o/campaigns/%d/suspicions", open.Campaign)
		}
		d.Warnings = append(d.Warnings, w)
	}
	return d, nil
}

// SnapshotFile hands the sealed file of a result out to the two offices and to
// supervision, and notes it: the file holds scores of single sheets and of groups of
// five to nine ballots, which nobody else may see. version 0 is the latest.
func (s *Store) SnapshotFile(ctx context.Context, by org.Actor, year, version int) ([]byte, error) {
	if !by.IsOffice() && by.Role != org.RoleSupervision {
		return nil, fault.ErrForbidden
	}
	where, args := `WHERE y.year = $1 AND y.version = $2`, []any{year, version}
	if version == 0 {
		where, args = `WHERE y.year = $1 ORDER BY y.version DESC LIMIT 1`, []any{year}
	}
	r, err := s.result(ctx, where, args...)
	if err != nil {
		return nil, err
	}
	doc, _, err := s.Snapshot(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return doc, postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		return record.Append(ctx, tx, by, "snapshot.read", fmt.Sprintf("result:%d", r.ID), map[string]any{"year": year, "version": r.Version})
	})
}

// RankingFile returns the canonical ranking of a published result to anyone; its
// SHA-256 is the hash of the ranking that was published.
func (s *Store) RankingFile(ctx context.Context, r YearResult) ([]byte, error) {
	_, snap, err := s.Snapshot(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	b, _, err := snap.Ranking().Canonical()
	return b, err
}

// VersionOf returns one published version of a year; version 0 is the one in force.
func (s *Store) VersionOf(ctx context.Context, year, version int) (YearResult, error) {
	if version == 0 {
		return s.Published(ctx, year)
	}
	return s.Version(ctx, year, version)
}

// Cause is an upheld appeal that led to a new version.
type Cause struct {
	ID       int64     `db:"id"`
	Unit     org.Names `db:"unit"`
	Kind     string    `db:"kind"`
	Decision string    `db:"decision"`
}

// Changes returns what differs between a published version and the one published
// before it, and the appeals it goes back to; none for the first.
func (s *Store) Changes(ctx context.Context, r YearResult) (before YearResult, diff []Correction, causes []Cause, err error) {
	const q = `WHERE y.year = $1 AND y.version < $2 AND y.published_at IS NOT NULL ORDER BY y.version DESC LIMIT 1`
	if before, err = s.result(ctx, q, r.Year, r.Version); errors.Is(err, ErrNoResult) {
		return before, nil, nil, nil
	} else if err != nil {
		return before, nil, nil, err
	}
	_, old, err := s.Snapshot(ctx, before.ID)
	if err != nil {
		return before, nil, nil, err
	}
	_, now, err := s.Snapshot(ctx, r.ID)
	if err != nil {
		return before, nil, nil, err
	}
	const appeals = `SELECT a.id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", a.kind, a.decision
		FROM appeals a JOIN units u ON u.id = a.unit_id WHERE a.id::text = ANY (string_to_array($1, ',')) ORDER BY a.id`
	if err := s.db.SelectContext(ctx, &causes, appeals, r.Because); err != nil {
		return before, nil, nil, fmt.Errorf("read appeals: %w", err)
	}
	return before, Corrections(old.Ranking(), now.Ranking()), causes, nil
}

// SignatureText is the public list of signatures of a result, as a text.
func SignatureText(r YearResult, all []Signature) string {
	b := strings.Builder{}
	fmt.Fprintf(&b, "pingyi result %d, version %d\nsnapshot sha256 %x\nranking sha256 %x\n", r.Year, r.Version, r.Hash, r.Ranking)
	for _, g := range all {
		fmt.Fprintf(&b, "signed %s %s %s\n", g.At.UTC().Format("2006-01-02T15:04:05Z"), g.Office, g.Name)
	}
	return b.String()
}

// appraisal reads the appraisal a line rests on.
func (r Row) appraisal() (Appraisal, error) {
	var reasons Reasons
	if err := json.Unmarshal(r.Doc, &reasons); err != nil {
		return Appraisal{}, fmt.Errorf("read reasons: %w", err)
	}
	return reasons.Appraisal(), nil
}
