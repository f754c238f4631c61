package honour

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/notify"
	"pingyi/org"
)

// about begins a message on a round: its year, and what it is about.
func (r Round) about(kind, key string) notify.Message {
	return notify.Message{Kind: kind, Topic: fmt.Sprintf("honour:%d", r.ID), Key: kind + ":" + key, Link: fmt.Sprintf("/o/honours/%d", r.Year), Args: map[string]string{"Year": strconv.Itoa(r.Year)}}
}

// called names a candidate in a message: the unit, or the person of it.
func (c Candidate) called(m notify.Message) notify.Message {
	m.Args["Unit"], m.Args["Person"] = fmt.Sprintf("unit:%d", c.Unit), c.Person
	return m
}

// tellSecond asks the second person for his word.
func (s *Store) tellSecond(ctx context.Context, tx *sqlx.Tx, r Round, c Candidate) error {
	m := c.called(r.about("honour-second", fmt.Sprintf("%d-%s", c.ID, c.State)))
	m.Link = fmt.Sprintf("/o/candidates/%d", c.ID)
	switch {
	case c.Person != "" && c.State == Proposed:
		m.To = []notify.To{{Body: org.BodySupervision}}
	case c.Overrides() && c.State == Proposed:
		m.To = []notify.To{{Body: org.BodyLeadingGroup}}
	default:
		m.To = []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}
	}
	return notify.Post(ctx, tx, s.now(), m)
}

// tellNotice tells companies, units and the chamber of the public notice, the units on
// the list among them, and the leading group when it is over.
func (s *Store) tellNotice(ctx context.Context, tx *sqlx.Tx, r Round) error {
	m := r.about("honour-notice", strconv.FormatInt(int64(r.ID), 10))
	m.Link, m.Args["Date"] = fmt.Sprintf("/commendations/%d", r.Year), "date:"+string(r.Until)
	var companies []org.CompanyID
	if err := tx.SelectContext(ctx, &companies, `SELECT id FROM companies WHERE active AND EXISTS (SELECT FROM accounts a WHERE a.company_id = companies.id) ORDER BY id`); err != nil {
		return fmt.Errorf("read whom to tell: %w", err)
	}
	for _, c := range companies {
		m.To = append(m.To, notify.To{Company: c})
	}
	var units []org.UnitID
	if err := tx.SelectContext(ctx, &units, `SELECT id FROM units WHERE active ORDER BY id`); err != nil {
		return fmt.Errorf("read whom to tell: %w", err)
	}
	for _, u := range units {
		m.To = append(m.To, notify.To{Unit: u})
	}
	m.To = append(m.To, notify.To{Body: org.BodyChamber}, notify.To{Body: org.BodySupervision})
	if err := notify.Post(ctx, tx, s.now(), m); err != nil {
		return err
	}
	over := r.about("honour-over", strconv.FormatInt(int64(r.ID), 10))
	over.To, over.NotBefore, over.Reminder = []notify.To{{Body: org.BodyLeadingGroup}}, r.Until.End(), true
	return notify.Post(ctx, tx, s.now(), over)
}

// tellObjection tells the supervision office of an objection.
func (s *Store) tellObjection(ctx context.Context, tx *sqlx.Tx, o ObjectionID, c Candidate, due calendar.Date) error {
	m := c.called(Round{ID: c.Round, Year: c.Year}.about("honour-objection", strconv.FormatInt(int64(o), 10)))
	m.To, m.Link, m.Args["Date"] = []notify.To{{Body: org.BodySupervision}}, fmt.Sprintf("/o/objections/%d", o), "date:"+string(due)
	return notify.Post(ctx, tx, s.now(), m)
}

// tellAnswered tells who objected of the answer.
func (s *Store) tellAnswered(ctx context.Context, tx *sqlx.Tx, o Objection) error {
	m := Round{Year: o.Year}.about("honour-answered", strconv.FormatInt(int64(o.ID), 10))
	m.Topic, m.Link = fmt.Sprintf("objection:%d", o.ID), "/c/honours"
	m.To = []notify.To{{Company: o.Company}}
	if o.FromUnit != 0 {
		m.To, m.Link = []notify.To{{Unit: o.FromUnit}}, "/d/honours"
	}
	return notify.Post(ctx, tx, s.now(), m)
}

// tellWithdrawn tells the unit and the offices that a candidate is off the list.
func (s *Store) tellWithdrawn(ctx context.Context, tx *sqlx.Tx, r Round, c Candidate) error {
	m := c.called(r.about("honour-withdrawn", strconv.FormatInt(int64(c.ID), 10)))
	m.Link = fmt.Sprintf("/commendations/%d", r.Year)
	m.To = []notify.To{{Unit: c.Unit}, {Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}
	return notify.Post(ctx, tx, s.now(), m)
}

// tellDecided tells the units that they, or some of their people, are commended.
func (s *Store) tellDecided(ctx context.Context, tx *sqlx.Tx, r Round, all []Candidate) error {
	if err := notify.Settle(ctx, tx, fmt.Sprintf("honour:%d", r.ID)); err != nil {
		return err
	}
	m := r.about("honour-decided", strconv.FormatInt(int64(r.ID), 10))
	m.Link = fmt.Sprintf("/commendations/%d", r.Year)
	m.To = []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}
	told := map[org.UnitID]bool{}
	for _, c := range all {
		if !told[c.Unit] {
			told[c.Unit] = true
			m.To = append(m.To, notify.To{Unit: c.Unit})
		}
	}
	return notify.Post(ctx, tx, s.now(), m)
}

// tellRevoked tells the unit that a commendation was taken back.
func (s *Store) tellRevoked(ctx context.Context, tx *sqlx.Tx, r Round, c Candidate, no string) error {
	m := c.called(r.about("honour-revoked", strconv.FormatInt(int64(c.ID), 10)))
	m.Link, m.Args["No"] = fmt.Sprintf("/commendations/%d", r.Year), no
	m.To = []notify.To{{Unit: c.Unit}, {Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}
	return notify.Post(ctx, tx, s.now(), m)
}

// tellInterview tells of an interview's new state whom it concerns: the unit, or the
// offices when the unit has reported.
func (s *Store) tellInterview(ctx context.Context, tx *sqlx.Tx, v Interview, state string) error {
	m := notify.Message{Topic: fmt.Sprintf("interview:%d", v.ID), Link: fmt.Sprintf("/d/interviews/%d", v.ID), Key: fmt.Sprintf("interview-%s:%d:%d", state, v.ID, s.now().Unix()), To: []notify.To{{Unit: v.Unit}},
		Args: map[string]string{"Unit": fmt.Sprintf("unit:%d", v.Unit), "Date": "date:" + string(v.Planned), "Place": v.Place, "Holder": v.Holder}}
	switch state {
	case "planned":
		m.Kind = "interview-planned"
	case "held":
		m.Kind = "interview-held"
	case "reported":
		m.Kind = "interview-reported"
		m.To, m.Link = []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}}, fmt.Sprintf("/o/interviews/%d", v.ID)
	case "closed":
		m.Kind = "interview-closed"
	default:
		m.Kind = "interview-cancelled"
	}
	if state != "planned" && state != "held" {
		if err := notify.Settle(ctx, tx, m.Topic); err != nil {
			return err
		}
	}
	return notify.Post(ctx, tx, s.now(), m)
}

// remindOfMeasures reminds the unit two days before its measures are due.
func (s *Store) remindOfMeasures(ctx context.Context, tx *sqlx.Tx, v Interview) error {
	m := notify.Message{Kind: "interview-due", Topic: fmt.Sprintf("interview:%d", v.ID), Link: fmt.Sprintf("/d/interviews/%d", v.ID), Key: fmt.Sprintf("interview-due:%d:%s", v.ID, v.Due), To: []notify.To{{Unit: v.Unit}},
		Args: map[string]string{"Date": "date:" + string(v.Due)}, Reminder: true, NotBefore: v.Due.AddDays(-2).Time()}
	return notify.Post(ctx, tx, s.now(), m)
}
