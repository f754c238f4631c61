package evaluation

import (
	"context"
	"errors"

	"pingyi/fault"
	"pingyi/org"
)

// Moved is the change of a unit's total between two published results, and what it
// could reach.
type Moved struct {
	Before, After YearResult
	From, To      *Row    // nil: the unit stands in none
	Was, Is       *Scheme // they differ where the scheme was changed between
	Moves         []Contribution
	Split         bool // both have a total
	Gains         []Gain
}

// Moved returns what moved a unit's published total of a year: since the published
// year before it or, with versions, since the version before it. The unit itself and
// those who compile may ask. Without an earlier result Before.ID is 0.
func (s *Store) Moved(ctx context.Context, by org.Actor, unit org.UnitID, year int, versions bool) (Moved, error) {
	if !by.OfUnit(unit) && !runs(by) && by.Role != org.RoleSupervision {
		return Moved{}, fault.ErrNotFound
	}
	m := Moved{}
	var err error
	if m.After, err = s.Published(ctx, year); err != nil {
		return m, err
	}
	where, args := `WHERE y.year < $1 AND y.state = 'published' ORDER BY y.year DESC LIMIT 1`, []any{year}
	if versions {
		where, args = `WHERE y.year = $1 AND y.version < $2 AND y.published_at IS NOT NULL ORDER BY y.version DESC LIMIT 1`, []any{year, m.After.Version}
	}
	if m.Before, err = s.result(ctx, where, args...); err != nil && !errors.Is(err, ErrNoResult) {
		return m, err
	}
	if m.To, m.Is, err = s.rowOf(ctx, m.After, unit); err != nil || m.To == nil {
		return m, err
	}
	_, snap, err := s.Snapshot(ctx, m.After.ID)
	if err != nil {
		return m, err
	}
	m.Gains = snap.Gains(unit, m.Is.Disclosure.Unit)
	if m.Before.ID == 0 {
		return m, nil
	}
	if m.From, m.Was, err = s.rowOf(ctx, m.Before, unit); err != nil || m.From == nil {
		return m, err
	}
	return m, m.split()
}

// FactPanel returns opinion beside facts of a year: all units to leaders, the two
// offices and supervision, from the computation they may see; to a unit its own
// point of the published result.
func (s *Store) FactPanel(ctx context.Context, by org.Actor, year int) ([]FactClass, error) {
	all := by.IsOffice() || by.IsLeader() || by.Role == org.RoleSupervision
	var r YearResult
	var err error
	switch {
	case all:
		r, err = s.Latest(ctx, by, year)
	case by.Is(org.RoleHead, org.RoleOfficer):
		r, err = s.Published(ctx, year)
	default:
		return nil, fault.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	_, snap, err := s.Snapshot(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	panel := snap.FactPanel()
	if !all {
		panel = only(panel, by.Unit)
	}
	return panel, nil
}

// rowOf returns a unit's line of a result and the scheme it was scored by.
func (s *Store) rowOf(ctx context.Context, r YearResult, unit org.UnitID) (*Row, *Scheme, error) {
	rows, err := s.Rows(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	sc, err := s.Scheme(ctx, r.SchemeID)
	if err != nil {
		return nil, nil, err
	}
	for i := range rows {
		if rows[i].Unit == unit {
			return &rows[i], sc, nil
		}
	}
	return nil, sc, nil
}

// split opens both lines no further than the floor allows and splits the change.
func (m *Moved) split() error {
	was, err := m.From.Open()
	if err != nil {
		return err
	}
	is, err := m.To.Open()
	if err != nil {
		return err
	}
	floor := max(m.Was.Disclosure.Unit, m.Is.Disclosure.Unit)
	m.Moves, m.Split = Movement(m.From.Result(was.Discreet(floor)), m.To.Result(is.Discreet(floor)))
	return nil
}
