package evaluation

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/notify"
	"pingyi/org"
)

// lastCall is how long before the end of rating everybody is reminded. All raters are,
// whether they have rated or not: nobody knows who has.
const lastCall = 48 * time.Hour

// tellOpened tells every rater on the list that cards are given out, and reminds all of
// them before rating ends.
func (s *Store) tellOpened(ctx context.Context, tx *sqlx.Tx, c Campaign) error {
	var rows []struct {
		Company org.CompanyID `db:"company"`
		Account org.AccountID `db:"account"`
	}
	const q = `SELECT coalesce(company_id, 0) AS company, coalesce(account_id, 0) AS account FROM campaign_raters WHERE campaign_id = $1`
	if err := tx.SelectContext(ctx, &rows, q, c.ID); err != nil {
		return fmt.Errorf("read whom to tell of the campaign: %w", err)
	}
	m := notify.Message{Topic: fmt.Sprintf("campaign:%d", c.ID), Link: fmt.Sprintf("/c/appraisals/%d", c.ID),
		Args: map[string]string{"Year": strconv.Itoa(c.Year), "Kind": "text:campaign.kind-" + c.Kind, "Cards": lastDay(c.CardUntil), "Date": lastDay(c.CastUntil)}}
	for _, r := range rows {
		m.To = append(m.To, notify.To{Company: r.Company, Account: r.Account})
	}
	if len(m.To) == 0 {
		return nil
	}
	first, last := m, m
	first.Kind, first.Key, first.NotBefore = "campaign-opened", m.Topic+":opened", c.CardFrom
	last.Kind, last.Key, last.NotBefore, last.Reminder = "campaign-ends", m.Topic+":ends", c.CastUntil.Add(-lastCall), true
	if err := notify.Post(ctx, tx, s.now(), first); err != nil {
		return err
	}
	return notify.Post(ctx, tx, s.now(), last)
}

// lastDay is the day that ends at the instant, as a value of a message.
func lastDay(end time.Time) string { return "date:" + string(calendar.DateOf(end.Add(-time.Second))) }

// tellOfAppeal tells the offices of a new appeal, or the unit of the decision.
func (s *Store) tellOfAppeal(ctx context.Context, tx *sqlx.Tx, kind string, id AppealID, unit org.UnitID, due calendar.Date) error {
	m := notify.Message{Kind: kind, Topic: fmt.Sprintf("appeal:%d", id), Link: fmt.Sprintf("/o/appeals/%d", id), Key: fmt.Sprintf("%s:%d", kind, id),
		To:   []notify.To{{Body: org.BodyPartyOffice}, {Body: org.BodyGovernmentOffice}},
		Args: map[string]string{"Unit": fmt.Sprintf("unit:%d", unit), "Date": "date:" + string(due), "N": strconv.FormatInt(int64(id), 10)}}
	if kind != "appeal-filed" {
		m.To, m.Link = []notify.To{{Unit: unit}}, fmt.Sprintf("/d/appeals/%d", id)
	}
	return notify.Post(ctx, tx, s.now(), m)
}

// tellPublished tells every unit of the ranking that it is public.
func (s *Store) tellPublished(ctx context.Context, tx *sqlx.Tx, r YearResult) error {
	m := notify.Message{Kind: "result-published", Topic: fmt.Sprintf("result:%d", r.Year), Link: fmt.Sprintf("/results/%d", r.Year), Key: fmt.Sprintf("result-published:%d", r.ID),
		Args: map[string]string{"Year": strconv.Itoa(r.Year), "Version": strconv.Itoa(r.Version)}}
	var units []org.UnitID
	if err := tx.SelectContext(ctx, &units, `SELECT unit_id FROM standings WHERE result_id = $1`, r.ID); err != nil {
		return fmt.Errorf("read whom to tell of the result: %w", err)
	}
	for _, u := range units {
		m.To = append(m.To, notify.To{Unit: u})
	}
	if len(m.To) == 0 {
		return nil
	}
	return notify.Post(ctx, tx, s.now(), m)
}
