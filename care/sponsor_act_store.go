package care

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Errors of sponsor groups.
var (
	ErrGroupChanged = fault.New(fault.Conflict, "sponsor.changed")
	ErrGroupEnded   = fault.New(fault.Conflict, "sponsor.is-ended")
)

// SetUp sets a sponsor group up and returns its id; the same idem returns the same one.
// A group of the same project or company whose term is over ends with it; one still at
// work has to be ended or changed first.
func (s *Sponsors) SetUp(ctx context.Context, by org.Actor, d GroupDraft, idem string) (GroupID, error) {
	if !KeepsSponsors(by) {
		return 0, fault.ErrForbidden
	}
	from, until, f := d.check()
	var id GroupID
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 28))`, idem); err != nil {
			return fmt.Errorf("wait for the same post: %w", err)
		}
		err := tx.GetContext(ctx, &id, `SELECT id FROM sponsor_groups WHERE idem = $1`, idem)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		company, err := s.object(ctx, tx, d, f)
		if err != nil {
			return err
		}
		if err := s.people(ctx, tx, d, f); err != nil {
			return err
		}
		const over = `UPDATE sponsor_groups SET ended_on = until_on + 1, ended_why = '任期届满' WHERE ended_on IS NULL AND until_on < $1
			AND (project_id = nullif($2::bigint, 0) OR company_id = nullif($3::bigint, 0))`
		if _, err := tx.ExecContext(ctx, over, s.today(), d.Project, company); err != nil {
			return fmt.Errorf("end a group whose term is over: %w", err)
		}
		const q = `INSERT INTO sponsor_groups (project_id, company_id, leader_id, plan, from_on, until_on, entered_by, entered_at, idem)
			VALUES (nullif($1::bigint, 0), nullif($2::bigint, 0), $3, $4, $5, $6, $7, $8, $9) RETURNING id`
		err = tx.GetContext(ctx, &id, q, d.Project, company, d.Leader, d.Plan, from, until, by.Account, s.now(), idem)
		switch {
		case postgres.Violates(err, "sponsor_groups_one_project"):
			return fault.Field("project", "sponsor.has-one")
		case postgres.Violates(err, "sponsor_groups_one_company"):
			return fault.Field("licence", "sponsor.has-one")
		case err != nil:
			return fmt.Errorf("set a sponsor group up: %w", err)
		}
		return s.saved(ctx, tx, by, id, d, "sponsor.set-up")
	})
	return id, err
}

// object looks for the project or company of the draft and notes what is wrong.
func (s *Sponsors) object(ctx context.Context, tx *sqlx.Tx, d GroupDraft, f fault.Fields) (company org.CompanyID, err error) {
	if d.Project != 0 {
		var there bool
		if err := tx.GetContext(ctx, &there, `SELECT EXISTS (SELECT FROM projects WHERE id = $1 AND state <> 'ended')`, d.Project); err != nil {
			return 0, fmt.Errorf("look for the project: %w", err)
		}
		if !there {
			f.Add("project", "sponsor.object-missing")
		}
		return 0, nil
	}
	if d.Licence == "" {
		return 0, nil
	}
	err = tx.GetContext(ctx, &company, `SELECT id FROM companies WHERE licence = $1 AND active`, org.NormalLicence(d.Licence))
	if errors.Is(err, sql.ErrNoRows) {
		f.Add("licence", "project.licence-unknown")
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for the company: %w", err)
	}
	return company, nil
}

// people looks whether leader and units are what they have to be; the problems of the
// whole draft come back at once.
func (s *Sponsors) people(ctx context.Context, tx *sqlx.Tx, d GroupDraft, f fault.Fields) error {
	if d.Leader != 0 {
		var level bool
		if err := tx.GetContext(ctx, &level, `SELECT EXISTS (SELECT `+countyLevel+` AND a.id = $1)`, d.Leader); err != nil {
			return fmt.Errorf("look for the leader: %w", err)
		}
		if !level {
			f.Add("leader", "sponsor.leader-missing")
		}
	}
	for _, u := range d.Units {
		if err := working(ctx, tx, "units", u); err != nil {
			return err
		}
	}
	return f.Err()
}

// saved writes the member units, tells leader and units, and notes the act.
func (s *Sponsors) saved(ctx context.Context, tx *sqlx.Tx, by org.Actor, id GroupID, d GroupDraft, action string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM sponsor_members WHERE group_id = $1`, id); err != nil {
		return fmt.Errorf("write member units: %w", err)
	}
	to := []notify.To{{Account: d.Leader}}
	units := []notify.To{}
	for _, u := range d.Units {
		if _, err := tx.ExecContext(ctx, `INSERT INTO sponsor_members (group_id, unit_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id, u); err != nil {
			return fmt.Errorf("write member units: %w", err)
		}
		units = append(units, notify.To{Unit: u})
	}
	args := map[string]string{"Until": "date:" + d.Until}
	m := notify.Message{Kind: "sponsor-set-up", To: to, Topic: fmt.Sprintf("sponsor:%d", id), Link: fmt.Sprintf("/l/sponsors/%d", id), Key: fmt.Sprintf("sponsor:%d:%d:leader", id, d.Version), Args: args}
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	m.To, m.Link, m.Key = units, fmt.Sprintf("/d/sponsors/%d", id), fmt.Sprintf("sponsor:%d:%d:units", id, d.Version)
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	return record.Append(ctx, tx, by, action, fmt.Sprintf("sponsor:%d", id), map[string]any{"project": d.Project, "leader": d.Leader, "units": d.Units, "from": d.From, "until": d.Until})
}

// locked reads a group that is not ended, under a row lock.
func (s *Sponsors) locked(ctx context.Context, tx *sqlx.Tx, id GroupID) (Group, error) {
	var g Group
	err := tx.GetContext(ctx, &g, groupColumns+groupTables+`WHERE g.id = $1 FOR UPDATE OF g`, id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return g, fault.ErrNotFound
	case err != nil:
		return g, fmt.Errorf("lock sponsor group: %w", err)
	case g.Ended != "":
		return g, ErrGroupEnded
	}
	return g, nil
}

// Change saves leader, units, plan and term over the version that was shown;
// ErrGroupChanged when somebody else was faster. Whose group it is never changes.
func (s *Sponsors) Change(ctx context.Context, by org.Actor, id GroupID, d GroupDraft) error {
	if !KeepsSponsors(by) {
		return fault.ErrForbidden
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		g, err := s.locked(ctx, tx, id)
		if err != nil {
			return err
		}
		if g.Version != d.Version {
			return ErrGroupChanged
		}
		d.Project, d.Licence = g.Project, ""
		if g.Project == 0 {
			d.Licence = "-" // the company stands
		}
		from, until, f := d.check()
		if err := s.people(ctx, tx, d, f); err != nil {
			return err
		}
		const q = `UPDATE sponsor_groups SET leader_id = $2, plan = $3, from_on = $4, until_on = $5, version = version + 1 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, d.Leader, d.Plan, from, until); err != nil {
			return fmt.Errorf("change sponsor group: %w", err)
		}
		return s.saved(ctx, tx, by, id, d, "sponsor.changed")
	})
}

// End ends a group today, with a reason; it stays on record.
func (s *Sponsors) End(ctx context.Context, by org.Actor, id GroupID, why string) error {
	if !KeepsSponsors(by) {
		return fault.ErrForbidden
	}
	f := fault.Fields{}
	f.Length("why", why, 4, maxHandoverText)
	if err := f.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		g, err := s.locked(ctx, tx, id)
		if err != nil {
			return err
		}
		on := max(s.today(), g.From)
		if _, err := tx.ExecContext(ctx, `UPDATE sponsor_groups SET ended_on = $2, ended_why = $3, version = version + 1 WHERE id = $1`, id, on, why); err != nil {
			return fmt.Errorf("end sponsor group: %w", err)
		}
		return record.Append(ctx, tx, by, "sponsor.ended", fmt.Sprintf("sponsor:%d", id), map[string]any{"on": on})
	})
}
