package honour

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
)

// Nomination proposes an individual: a company one who helped it, a unit one of its own.
type Nomination struct {
	Unit   org.UnitID
	Person string
	Reason string
}

// Nominee is somebody proposed, with the evidence and what keeps him from the list.
type Nominee struct {
	Unit     org.UnitID
	UnitName org.Names
	Person   string
	Own      bool // by the unit, too
	Reasons  []string
	Facts    Facts
	Against  []evaluation.Obstacle
	Listed   bool // a candidate already
}

// Nominate proposes an individual while the round of the year is being drafted.
func (s *Store) Nominate(ctx context.Context, by org.Actor, year int, n Nomination, idem string) error {
	own := by.OfUnit(by.Unit)
	if !own && (by.Role != org.RoleCompany || by.Company == 0) {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	n.Person, n.Reason = name(n.Person), strings.TrimSpace(n.Reason)
	company := by.Company
	if own {
		n.Unit, company = by.Unit, 0
	}
	if n.Unit == 0 {
		f.Add("unit", "honour.unit-missing")
	}
	f.Length("person", n.Person, 2, mostName)
	f.Length("reason", n.Reason, LeastReason, MostReason)
	if err := f.Err(); err != nil {
		return err
	}
	err := s.act(ctx, by, ofYear, year, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		if r.State != Drafting {
			return step{}, ErrState
		}
		const q = `INSERT INTO honour_nominations (round_id, unit_id, person, company_id, own, reason, filed_by, filed_at, idem) SELECT $1, id, $3, nullif($4, 0), $5, $6, $7, $8, $9 FROM units WHERE id = $2`
		res, err := tx.ExecContext(ctx, q, r.ID, n.Unit, n.Person, company, own, n.Reason, by.Account, s.now(), idem)
		if err != nil {
			return step{}, fmt.Errorf("nominate: %w", err)
		}
		if k, err := res.RowsAffected(); err != nil || k == 0 {
			return step{}, fault.Field("unit", "honour.unit-missing")
		}
		return step{act: "nominate"}, nil
	})
	if postgres.Violates(err, "honour_nominations_company_once") || postgres.Violates(err, "honour_nominations_unit_once") {
		return fault.Field("person", "honour.nominated-already")
	}
	return err
}

// OwnNomination is a nomination as who made it sees it.
type OwnNomination struct {
	Year     int       `db:"year"`
	UnitName org.Names `db:"unit"`
	Person   string    `db:"person"`
	Reason   string    `db:"reason"`
	At       time.Time `db:"filed_at"`
}

// OwnNominations returns what the actor's company or unit proposed.
func (s *Store) OwnNominations(ctx context.Context, by org.Actor) ([]OwnNomination, error) {
	unit := by.OfUnit(by.Unit)
	if !unit && by.Role != org.RoleCompany {
		return nil, fault.ErrNotFound
	}
	var out []OwnNomination
	const q = `SELECT r.year, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", n.person, n.reason, n.filed_at
		FROM honour_nominations n JOIN honour_rounds r ON r.id = n.round_id JOIN units u ON u.id = n.unit_id
		WHERE CASE WHEN $1 THEN n.own AND n.unit_id = $2 ELSE n.company_id = $3 END ORDER BY n.id DESC`
	if err := s.db.SelectContext(ctx, &out, q, unit, by.Unit, by.Company); err != nil {
		return nil, fmt.Errorf("list nominations: %w", err)
	}
	return out, nil
}

// Nominees returns who is proposed in a round, with the evidence, to those who work on
// it. Which companies proposed somebody nobody is told.
func (s *Store) Nominees(ctx context.Context, by org.Actor, r Round) ([]Nominee, error) {
	if !sees(by) {
		return nil, fault.ErrNotFound
	}
	var rows []struct {
		Unit   org.UnitID `db:"unit_id"`
		Names  org.Names  `db:"unit"`
		Person string     `db:"person"`
		Own    bool       `db:"own"`
		Praise int        `db:"praise"`
		Reason string     `db:"reasons"`
		Listed bool       `db:"listed"`
	}
	const q = `SELECT n.unit_id, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", n.person, bool_or(n.own) AS own, count(n.company_id) AS praise,
			string_agg(n.reason, chr(30) ORDER BY md5(n.reason)) AS reasons, EXISTS (SELECT FROM honour_candidates c WHERE c.round_id = $1 AND c.unit_id = n.unit_id AND c.person = n.person) AS listed
		FROM honour_nominations n JOIN units u ON u.id = n.unit_id WHERE n.round_id = $1 GROUP BY n.unit_id, n.person, u.id ORDER BY n.unit_id, n.person`
	if err := s.db.SelectContext(ctx, &rows, q, r.ID); err != nil {
		return nil, fmt.Errorf("list nominees: %w", err)
	}
	out := make([]Nominee, len(rows))
	for i, x := range rows {
		n, err := s.evidence(ctx, s.db, r, nominee{Unit: x.Unit, Person: x.Person, Praise: x.Praise})
		if err != nil {
			return nil, err
		}
		out[i] = Nominee{Unit: x.Unit, UnitName: x.Names, Person: x.Person, Own: x.Own, Reasons: strings.Split(x.Reason, "\x1e"), Facts: n.facts, Against: n.against(), Listed: x.Listed}
	}
	return out, nil
}

// evidence fills in what the valid sheets of the year say of somebody.
func (s *Store) evidence(ctx context.Context, q sqlx.QueryerContext, r Round, n nominee) (nominee, error) {
	var sheets []personSheet
	const find = `SELECT s.no, v.company_id, v.staff, s.score FROM sheets s JOIN visits v ON v.id = s.visit_id
		WHERE v.year = $1 AND v.unit_id = $2 AND s.score IS NOT NULL AND strpos(v.staff, $3) > 0 ORDER BY s.id`
	if err := sqlx.SelectContext(ctx, q, &sheets, find, r.Year, n.Unit, n.Person); err != nil {
		return n, fmt.Errorf("read evidence: %w", err)
	}
	n.weigh(sheets)
	return n, nil
}

// Gather takes those proposed whom the rule takes, the best ten, as candidates; each
// waits for the supervision office's word that there is no upheld complaint. It returns
// how many were added.
func (s *Store) Gather(ctx context.Context, by org.Actor, year int, idem string) (int, error) {
	if !by.IsOffice() {
		return 0, fault.ErrForbidden
	}
	added := 0
	err := s.act(ctx, by, ofYear, year, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		if r.State != Drafting {
			return step{}, ErrState
		}
		var all []nominee
		const q = `SELECT unit_id, person, count(company_id) AS praise FROM honour_nominations n WHERE round_id = $1
			AND NOT EXISTS (SELECT FROM honour_candidates c WHERE c.round_id = $1 AND c.unit_id = n.unit_id AND c.person = n.person) GROUP BY unit_id, person ORDER BY unit_id, person`
		if err := tx.SelectContext(ctx, &all, q, r.ID); err != nil {
			return step{}, fmt.Errorf("read nominees: %w", err)
		}
		for i := range all {
			var err error
			if all[i], err = s.evidence(ctx, tx, r, all[i]); err != nil {
				return step{}, err
			}
		}
		have, err := people(ctx, tx, r.ID)
		if err != nil {
			return step{}, err
		}
		classes, err := classesOf(ctx, tx, r.Result)
		if err != nil {
			return step{}, err
		}
		for _, n := range best(all, MostPeople-have) {
			n.facts.Class = classes[n.Unit]
			c := Candidate{Unit: n.Unit, Person: n.Person, Origin: "rule", State: Proposed, Facts: n.facts, RoundIs: r.State}
			if c.ID, err = insertCandidate(ctx, tx, r.ID, c); err != nil {
				return step{}, err
			}
			if err := s.tellSecond(ctx, tx, r, c); err != nil {
				return step{}, err
			}
			added++
		}
		return step{act: "gather", text: fmt.Sprint(added)}, nil
	})
	return added, err
}

// people counts the individuals on the list or on their way to it.
func people(ctx context.Context, tx *sqlx.Tx, r RoundID) (int, error) {
	var n int
	const q = `SELECT count(*) FROM honour_candidates WHERE round_id = $1 AND person <> '' AND state IN ('proposed', 'stands', 'withholding')`
	if err := tx.GetContext(ctx, &n, q, r); err != nil {
		return 0, fmt.Errorf("count individuals: %w", err)
	}
	return n, nil
}

func classesOf(ctx context.Context, tx *sqlx.Tx, result int64) (map[org.UnitID]int, error) {
	var rows []struct {
		Unit  org.UnitID `db:"unit_id"`
		Class int        `db:"class"`
	}
	if err := tx.SelectContext(ctx, &rows, `SELECT unit_id, class FROM standings WHERE result_id = $1`, result); err != nil {
		return nil, fmt.Errorf("read classes: %w", err)
	}
	out := map[org.UnitID]int{}
	for _, r := range rows {
		out[r.Unit] = r.Class
	}
	return out, nil
}

// DraftingYear is the latest year in which individuals can be proposed; 0 without one.
func (s *Store) DraftingYear(ctx context.Context) (int, error) {
	var year int
	if err := s.db.GetContext(ctx, &year, `SELECT coalesce(max(year), 0) FROM honour_rounds WHERE state = 'draft'`); err != nil {
		return 0, fmt.Errorf("look for a draft: %w", err)
	}
	return year, nil
}
