package feedback

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/org"
)

// inState refuses an act in other states than these.
func inState(states ...string) func(Rectification) error {
	return func(r Rectification) error {
		if !slices.Contains(states, r.State) {
			return ErrState
		}
		return nil
	}
}

func lengthOf(field, text string) error {
	f := fault.Fields{}
	f.Length(field, text, MinReason, MaxText)
	return f.Err()
}

// AllowNaming is the company's word that the unit may learn whose sheet it is, so that it can
// put the matter right with the company itself. It cannot be taken back once the unit has it.
func (s *Store) AllowNaming(ctx context.Context, by org.Actor, ref, idem string) error {
	if by.Role != org.RoleCompany {
		return fault.ErrForbidden
	}
	return s.rectify(ctx, by, ref, idem, inState(RectifyOpen, RectifyReported), func(tx *sqlx.Tx, r *Rectification) (RectifyEvent, error) {
		if _, err := tx.ExecContext(ctx, `UPDATE sheets SET named = true WHERE id = $1`, r.Sheet); err != nil {
			return RectifyEvent{}, fmt.Errorf("allow the unit to know: %w", err)
		}
		return RectifyEvent{Kind: "allow"}, nil
	})
}

// AnswerRectification is an office's answer to the company while the matter is being put right.
func (s *Store) AnswerRectification(ctx context.Context, by org.Actor, ref, text, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	if err := lengthOf("answer", text); err != nil {
		return err
	}
	return s.rectify(ctx, by, ref, idem, inState(RectifyOpen, RectifyHanded, RectifyReported), func(_ *sqlx.Tx, r *Rectification) (RectifyEvent, error) {
		if now := s.now(); r.Answered == nil {
			r.Answered = &now
		}
		return RectifyEvent{Kind: "answer", Text: text}, nil
	})
}

// HandToUnit gives the unit the rectification by name. Only what the company allowed goes: that
// it is this visit, on which items, and the words both offices agreed on at the redaction desk.
func (s *Store) HandToUnit(ctx context.Context, by org.Actor, ref, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	may := func(r Rectification) error {
		if !r.Named {
			return ErrNotAllowed
		}
		return inState(RectifyOpen)(r)
	}
	return s.rectify(ctx, by, ref, idem, may, func(_ *sqlx.Tx, r *Rectification) (RectifyEvent, error) {
		now := s.now()
		r.State, r.Handed = RectifyHanded, &now
		return RectifyEvent{Kind: "hand"}, nil
	})
}

// ReportRectification is the unit's word on what it did and what it answers the company.
func (s *Store) ReportRectification(ctx context.Context, by org.Actor, ref, text, idem string) error {
	if !by.Is(org.RoleHead, org.RoleOfficer) {
		return fault.ErrForbidden
	}
	if err := lengthOf("measures", text); err != nil {
		return err
	}
	return s.rectify(ctx, by, ref, idem, inState(RectifyHanded), func(_ *sqlx.Tx, r *Rectification) (RectifyEvent, error) {
		r.State = RectifyReported
		return RectifyEvent{Kind: "report", Text: text}, nil
	})
}

// OwnMeasures is what the offices did themselves where the unit may not know whose sheet it is.
func (s *Store) OwnMeasures(ctx context.Context, by org.Actor, ref, text, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	if err := lengthOf("measures", text); err != nil {
		return err
	}
	return s.rectify(ctx, by, ref, idem, inState(RectifyOpen), func(_ *sqlx.Tx, r *Rectification) (RectifyEvent, error) {
		r.State = RectifyReported
		return RectifyEvent{Kind: "own", Text: text}, nil
	})
}

// RectifyCalled records an office's call to the company after measures were taken, with the answer
// the company gets. Satisfied or partly ends the rectification; not sends it back once, to whom
// it came from; a second time it ends unsolved, and the company may make it an issue.
func (s *Store) RectifyCalled(ctx context.Context, by org.Actor, ref string, b RectifyCall, idem string) error {
	if !by.IsOffice() {
		return fault.ErrForbidden
	}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return err
	}
	return s.rectify(ctx, by, ref, idem, inState(RectifyReported), func(_ *sqlx.Tx, r *Rectification) (RectifyEvent, error) {
		on, err := b.check(*r, s.today())
		if err != nil {
			return RectifyEvent{}, err
		}
		now := s.now()
		r.Verdict = b.Verdict
		if r.Answered == nil {
			r.Answered = &now
		}
		switch {
		case b.Verdict != "not":
			r.State, r.Closed = RectifyClosed, &now
		case r.Round == 2:
			r.State, r.Closed = RectifyUnsolved, &now
		default:
			r.Round, r.State = 2, RectifyOpen
			if r.Handed != nil {
				r.State = RectifyHanded
			}
			if least, _ := cal.Add(s.today(), daysRectifyAgain); least > r.DueOn {
				r.DueOn = least
			}
		}
		return RectifyEvent{Kind: "callback", Text: b.Text, CalledOn: on, Person: b.Person, Verdict: b.Verdict}, nil
	})
}

// IssueOfRectification makes the company's issue of a rectification that ended unsolved; its
// post is its agreement. The issue is raised like any other, and the rectification names it.
func (s *Store) IssueOfRectification(ctx context.Context, by org.Actor, ref string, d IssueDraft, idem string) (string, error) {
	r, _, err := s.Rectification(ctx, by, ref)
	if err != nil {
		return "", err
	}
	if by.Role != org.RoleCompany {
		return "", fault.ErrForbidden
	}
	if r.State == RectifyIssue {
		return r.Issue, nil
	}
	if r.State != RectifyUnsolved {
		return "", ErrState
	}
	d.AskedUnit = r.Unit
	// the key is the rectification's, so that it becomes one issue and no more
	issue, err := s.Raise(ctx, by, d, "rectify-issue-"+r.Ref)
	if err != nil {
		return "", err
	}
	return issue, s.rectify(ctx, by, ref, idem, inState(RectifyUnsolved), func(_ *sqlx.Tx, r *Rectification) (RectifyEvent, error) {
		r.State, r.Issue = RectifyIssue, issue
		return RectifyEvent{Kind: "issue", Text: issue}, nil
	})
}
