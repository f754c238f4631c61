package honour

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
)

// Objection is what a company or a unit has against a candidate.
type Objection struct {
	ID        ObjectionID   `db:"id"`
	Candidate CandidateID   `db:"candidate_id"`
	Year      int           `db:"year"`
	UnitName  org.Names     `db:"unit"` // of the candidate
	Person    string        `db:"person"`
	Company   org.CompanyID `db:"company_id"` // who objects; the supervision office alone sees it
	From      org.Names     `db:"from"`       // its name
	FromUnit  org.UnitID    `db:"from_unit"`
	Grounds   string        `db:"grounds"`
	Filed     time.Time     `db:"filed_at"`
	DecideBy  calendar.Date `db:"decide_by"`
	State     string        `db:"state"`
	Answer    string        `db:"answer"`
	Decided   *time.Time    `db:"decided_at"`
}

// The states of an objection.
const (
	Filed    = "filed"
	Upheld   = "upheld"
	Rejected = "rejected"
)

const objectionQuery = `SELECT o.id, o.candidate_id, r.year, u.name_zh AS "unit.name_zh", u.name_en AS "unit.name_en", u.name_ru AS "unit.name_ru", c.person, coalesce(o.company_id, 0) AS company_id,
	coalesce(k.name_zh, f.name_zh) AS "from.name_zh", coalesce(k.name_en, f.name_en) AS "from.name_en", coalesce(k.name_ru, f.name_ru) AS "from.name_ru", coalesce(o.unit_id, 0) AS from_unit,
	o.grounds, o.filed_at, to_char(o.decide_by, 'YYYY-MM-DD') AS decide_by, o.state, o.answer, o.decided_at
	FROM honour_objections o JOIN honour_candidates c ON c.id = o.candidate_id JOIN honour_rounds r ON r.id = c.round_id JOIN units u ON u.id = c.unit_id
	LEFT JOIN companies k ON k.id = o.company_id LEFT JOIN units f ON f.id = o.unit_id `

// Object files an objection to a candidate while the notice runs: a company, or a unit
// that is not the candidate's own. Each objects once to a candidate.
func (s *Store) Object(ctx context.Context, by org.Actor, id CandidateID, grounds, idem string) error {
	unit := org.UnitID(0)
	switch {
	case by.OfUnit(by.Unit):
		unit = by.Unit
	case by.Role != org.RoleCompany || by.Company == 0:
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	grounds = strings.TrimSpace(grounds)
	f.Length("grounds", grounds, LeastGrounds, MostGrounds)
	if err := f.Err(); err != nil {
		return err
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	now := s.now()
	due, _ := cal.Add(calendar.DateOf(now), ObjectDays)
	err = s.act(ctx, by, ofCandidate, id, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		c, err := one(ctx, tx, id)
		if err != nil {
			return step{}, err
		}
		switch {
		case !r.Public():
			return step{}, fault.ErrNotFound
		case r.State != Noticed || r.Over(now) || c.State != Stands:
			return step{}, ErrState
		case unit != 0 && c.Unit == unit:
			return step{}, fault.ErrForbidden
		}
		var o ObjectionID
		const q = `INSERT INTO honour_objections (candidate_id, company_id, unit_id, grounds, filed_by, filed_at, decide_by, idem) VALUES ($1, nullif($2, 0), nullif($3, 0), $4, $5, $6, $7, $8) RETURNING id`
		company := by.Company
		if unit != 0 {
			company = 0
		}
		if err := tx.GetContext(ctx, &o, q, id, company, unit, grounds, by.Account, now, due, idem); err != nil {
			return step{}, fmt.Errorf("file objection: %w", err)
		}
		return step{act: "object"}, s.tellObjection(ctx, tx, o, c, due)
	})
	if postgres.Violates(err, "honour_objections_company_once") || postgres.Violates(err, "honour_objections_unit_once") {
		return fault.Field("grounds", "honour.objected-already")
	}
	return err
}

// Objections returns the objections the actor may see: a company or unit its own, with
// their grounds; who works on the round all of it, but who objects only the supervision
// office.
func (s *Store) Objections(ctx context.Context, by org.Actor, year int) ([]Objection, error) {
	where, args := `WHERE ($1 = 0 OR r.year = $1)`, []any{year}
	switch {
	case by.OfUnit(by.Unit):
		where, args = where+` AND o.unit_id = $2`, append(args, by.Unit)
	case by.Role == org.RoleCompany:
		where, args = where+` AND o.company_id = $2`, append(args, by.Company)
	case !sees(by) || by.IsLeader():
		return nil, fault.ErrNotFound
	}
	var out []Objection
	if err := s.db.SelectContext(ctx, &out, objectionQuery+where+` ORDER BY o.state <> 'filed', o.decide_by, o.id`, args...); err != nil {
		return nil, fmt.Errorf("list objections: %w", err)
	}
	for i := range out {
		out[i] = out[i].toldTo(by)
	}
	return out, nil
}

// toldTo leaves out who objects for all but the supervision office and himself.
func (o Objection) toldTo(by org.Actor) Objection {
	own := o.Company != 0 && o.Company == by.Company && by.Role == org.RoleCompany || by.OfUnit(o.FromUnit)
	if !own && by.Role != org.RoleSupervision {
		o.Company, o.From, o.FromUnit = 0, org.Names{}, 0
	}
	return o
}

// Objection returns one objection to those Objections shows it to.
func (s *Store) Objection(ctx context.Context, by org.Actor, id ObjectionID) (Objection, error) {
	all, err := s.Objections(ctx, by, 0)
	if err != nil {
		return Objection{}, err
	}
	i := slices.IndexFunc(all, func(o Objection) bool { return o.ID == id })
	if i < 0 {
		return Objection{}, fault.ErrNotFound
	}
	return all[i], nil
}

// Counts are the objections to the candidates of a round: for anybody, numbers alone.
func (s *Store) Counts(ctx context.Context, r RoundID) (filed, upheld int, err error) {
	const q = `SELECT count(*), count(*) FILTER (WHERE o.state = 'upheld') FROM honour_objections o JOIN honour_candidates c ON c.id = o.candidate_id WHERE c.round_id = $1`
	if err := s.db.QueryRowxContext(ctx, q, r).Scan(&filed, &upheld); err != nil {
		return 0, 0, fmt.Errorf("count objections: %w", err)
	}
	return filed, upheld, nil
}

// Ruling is the decision on an objection.
type Ruling struct {
	Word   string // Upheld or Rejected
	Answer string // to who objected
	Why    string // upheld: what the public reads; never who objected
}

func (r Ruling) check() (Ruling, error) {
	f := fault.Fields{}
	r.Answer, r.Why = strings.TrimSpace(r.Answer), strings.TrimSpace(r.Why)
	if r.Word != Upheld && r.Word != Rejected {
		f.Add("word", "honour.word-missing")
	}
	f.Length("answer", r.Answer, LeastReason, MostReason)
	if r.Word == Upheld {
		f.Length("why", r.Why, LeastReason, MostReason)
	}
	return r, f.Err()
}

// RuleOn decides an objection; the supervision office does, and tells who objected. Upheld
// it takes the candidate off the list. Another objection to a candidate already taken
// off is answered the same way and changes nothing more.
func (s *Store) RuleOn(ctx context.Context, by org.Actor, id ObjectionID, ruling Ruling, idem string) error {
	if by.Role != org.RoleSupervision || !by.SignedIn() {
		return fault.ErrForbidden
	}
	ruling, err := ruling.check()
	if err != nil {
		return err
	}
	const ofObjection = `WHERE r.id = (SELECT c.round_id FROM honour_objections o JOIN honour_candidates c ON c.id = o.candidate_id WHERE o.id = $1)`
	err = s.act(ctx, by, ofObjection, id, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		var o Objection
		err := tx.GetContext(ctx, &o, objectionQuery+`WHERE o.id = $1 FOR UPDATE OF o`, id)
		if errors.Is(err, sql.ErrNoRows) {
			return step{}, fault.ErrNotFound
		}
		if err != nil {
			return step{}, fmt.Errorf("lock objection: %w", err)
		}
		if o.State != Filed || r.State != Noticed {
			return step{}, ErrState
		}
		c, err := one(ctx, tx, o.Candidate)
		if err != nil {
			return step{}, err
		}
		const q = `UPDATE honour_objections SET state = $2, answer = $3, decided_by = $4, decided_at = $5 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, ruling.Word, ruling.Answer, by.Account, s.now()); err != nil {
			return step{}, fmt.Errorf("decide objection: %w", err)
		}
		if ruling.Word == Upheld && c.State == Stands {
			if err := c.carry(ctx, tx, Uphold, 0, ruling.Why); err != nil {
				return step{}, err
			}
			if err := s.tellWithdrawn(ctx, tx, r, c); err != nil {
				return step{}, err
			}
		}
		return step{"objection-" + ruling.Word, o.Candidate, ruling.Why}, s.tellAnswered(ctx, tx, o)
	})
	if errors.Is(err, ErrNoRound) {
		return fault.ErrNotFound
	}
	return err
}
