package honour

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/org"
)

// ofCandidate finds the round of a candidate.
const ofCandidate = `WHERE r.id = (SELECT round_id FROM honour_candidates WHERE id = $1)`

// one reads a candidate of the locked round.
func one(ctx context.Context, tx *sqlx.Tx, id CandidateID) (Candidate, error) {
	all, err := candidates(ctx, tx, `WHERE c.id = $1 FOR UPDATE OF c`, id)
	if err != nil {
		return Candidate{}, err
	}
	if len(all) == 0 {
		return Candidate{}, fault.ErrNotFound
	}
	return all[0], nil
}

// carry brings a candidate to where an act leads.
func (c Candidate) carry(ctx context.Context, tx *sqlx.Tx, act Act, pending org.AccountID, why string) error {
	to, ok := Next(c.RoundIs, c.State, act)
	if !ok {
		return ErrState
	}
	const q = `UPDATE honour_candidates SET state = $2, pending_by = nullif($3, 0), ended_why = $4 WHERE id = $1`
	if _, err := tx.ExecContext(ctx, q, c.ID, to, pending, why); err != nil {
		return fmt.Errorf("move the candidate on: %w", err)
	}
	return nil
}

// Add adds a candidate by hand, with a reason; it waits for a second person. What the
// rule has against it is kept with it and public. A person needs evidence from three
// companies whatever the reason.
func (s *Store) Add(ctx context.Context, by org.Actor, year int, a Addition, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	a, err := a.check()
	if err != nil {
		return err
	}
	_, _, all, err := s.listings(ctx, year, ListAdvanced)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x evaluation.Listing) bool { return x.Unit == a.Unit })
	if i < 0 {
		return fault.Field("unit", "honour.unit-missing")
	}
	return s.act(ctx, by, ofYear, year, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		if r.State != Drafting {
			return step{}, ErrState
		}
		c := Candidate{Unit: a.Unit, Person: a.Person, Origin: "manual", State: Proposed, Reason: a.Reason, Pending: by.Account, Facts: factsOf(all[i])}
		if a.Person != "" {
			n, err := s.evidence(ctx, tx, r, nominee{Unit: a.Unit, Person: a.Person})
			if err != nil {
				return step{}, err
			}
			if n.facts.Companies < LeastCompanies {
				return step{}, fault.Field("person", "honour.few-companies", "Count", n.facts.Companies)
			}
			c.Facts = n.facts
			c.Facts.Class, c.Facts.Against = all[i].Class, n.against()
		}
		id, err := insertCandidate(ctx, tx, r.ID, c)
		if err != nil {
			return step{}, err
		}
		c.ID, c.RoundIs = id, r.State
		return step{"add", id, a.Reason}, s.tellSecond(ctx, tx, r, c)
	})
}

// Withhold asks to leave a candidate out, with a reason that becomes part of the file;
// it waits for a second person.
func (s *Store) Withhold(ctx context.Context, by org.Actor, id CandidateID, why, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	why, err := reasonOf(why)
	if err != nil {
		return err
	}
	return s.act(ctx, by, ofCandidate, id, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		c, err := one(ctx, tx, id)
		if err != nil {
			return step{}, err
		}
		if err := c.carry(ctx, tx, Withhold, by.Account, why); err != nil {
			return step{}, err
		}
		c.State = Withholding
		return step{string(Withhold), id, why}, s.tellSecond(ctx, tx, r, c)
	})
}

// Second is the second person's word on what waits: agreed or not. Not needs a reason.
func (s *Store) Second(ctx context.Context, by org.Actor, id CandidateID, agreed bool, why, idem string) error {
	if !sees(by) {
		return fault.ErrNotFound
	}
	act := Sign
	if !agreed {
		act = Refuse
		var err error
		if why, err = reasonOf(why); err != nil {
			return err
		}
	}
	return s.act(ctx, by, ofCandidate, id, idem, func(tx *sqlx.Tx, _ Round) (step, error) {
		c, err := one(ctx, tx, id)
		if err != nil {
			return step{}, err
		}
		to, ok := Next(c.RoundIs, c.State, act)
		if !ok {
			return step{}, ErrState
		}
		if !c.MaySecond(by) {
			return step{}, ErrOwn
		}
		kept := ""
		switch to {
		case Refused:
			kept = why
		case Withheld:
			kept = c.Why
		}
		return step{string(act), id, why}, c.carry(ctx, tx, act, 0, kept)
	})
}

// Revoke takes a commendation back after the decision, with a reason; both stay
// readable, and the decision to revoke is a document of its own.
func (s *Store) Revoke(ctx context.Context, by org.Actor, id CandidateID, why, idem string) error {
	if !by.MaySign() {
		return fault.ErrForbidden
	}
	why, err := reasonOf(why)
	if err != nil {
		return err
	}
	return s.act(ctx, by, ofCandidate, id, idem, func(tx *sqlx.Tx, r Round) (step, error) {
		c, err := one(ctx, tx, id)
		if err != nil {
			return step{}, err
		}
		if err := c.carry(ctx, tx, Revoke, 0, why); err != nil {
			return step{}, err
		}
		doc, err := s.documents.Issue(ctx, tx, by, s.revocation(r, by, c, why))
		if err != nil {
			return step{}, err
		}
		return step{string(Revoke), id, why}, s.tellRevoked(ctx, tx, r, c, doc.No)
	})
}
