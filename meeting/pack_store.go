package meeting

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/feedback/passing"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// ErrPackBroken: the facts of a pack are not those it was made of.
var ErrPackBroken = fault.New(fault.Conflict, "meeting.pack-broken")

// ErrNoSections: a pack without any section.
var ErrNoSections = fault.New(fault.Invalid, "meeting.sections-missing")

// packSteps is how many steps MakePack tells of.
const packSteps = 8

// MakePack makes the pack of a meeting from the facts of its quarter as they are now,
// and keeps them. tell hears how far it is. The same idem makes one pack.
func (s *Store) MakePack(ctx context.Context, by org.Actor, id ID, sections []string, idem string, tell func(step string, done, total int)) (int64, error) {
	if !Prepares(by) {
		return 0, fault.ErrForbidden
	}
	sections = KnownSections(sections)
	if len(sections) == 0 {
		return 0, ErrNoSections
	}
	m, err := s.Get(ctx, by, id)
	if err != nil {
		return 0, err
	}
	f, err := s.gather(ctx, by, m, tell)
	if err != nil {
		return 0, err
	}
	b, err := f.Encode()
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(b)
	var pack int64
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if pack, err = once(ctx, tx, "meeting_packs", idem); err != nil || pack != 0 {
			return err
		}
		if _, err := s.get(ctx, tx, id, "FOR UPDATE OF m"); err != nil {
			return err
		}
		const q = `INSERT INTO meeting_packs (meeting_id, no, sections, facts, sha256, as_of, made_by, idem)
			SELECT $1, 1 + coalesce(max(no), 0), $2, $3, $4, $5, $6, $7 FROM meeting_packs WHERE meeting_id = $1 RETURNING id`
		if err := tx.GetContext(ctx, &pack, q, id, pq.Array(sections), b, sum[:], f.AsOf, by.Account, idem); err != nil {
			return fmt.Errorf("keep pack: %w", err)
		}
		return record.Append(ctx, tx, by, "meeting.pack-made", fmt.Sprintf("meeting:%d", id), map[string]any{"sha256": fmt.Sprintf("%x", sum)})
	})
	tell("meeting.pack-write", packSteps, packSteps)
	return pack, err
}

// gather reads the facts of a meeting's quarter.
func (s *Store) gather(ctx context.Context, by org.Actor, m Meeting, tell func(step string, done, total int)) (PackFacts, error) {
	f := PackFacts{Year: m.Year, Quarter: m.Quarter, Title: m.Title}
	cal, err := s.cal.Current(ctx)
	if err != nil {
		return f, err
	}
	f.Calendar = cal.ID
	f.Feedback, f.AsOf, err = s.fb.Quarter(ctx, m.Year, m.Quarter, QuarterStart(m.Year, m.Quarter), QuarterEnd(m.Year, m.Quarter),
		func(done int) { tell("meeting.pack-issues", done, packSteps) })
	if err != nil {
		return f, err
	}
	f.AsOf = f.AsOf.UTC().Truncate(time.Second)
	if err := s.campaigns(ctx, &f); err != nil {
		return f, err
	}
	tell("meeting.pack-appraisal", 5, packSteps)
	if err := s.ranking(ctx, &f); err != nil {
		return f, err
	}
	tell("meeting.pack-ranking", 6, packSteps)
	if err := s.upheld(ctx, &f); err != nil {
		return f, err
	}
	if err := s.openMatters(ctx, by, m, &f); err != nil {
		return f, err
	}
	tell("meeting.pack-write", 7, packSteps)
	return f, nil
}

// campaigns adds the appraisals in which votes were cast in the quarter.
func (s *Store) campaigns(ctx context.Context, f *PackFacts) error {
	all, err := s.ev.Campaigns(ctx)
	if err != nil {
		return err
	}
	from, to := QuarterStart(f.Year, f.Quarter).Time(), QuarterEnd(f.Year, f.Quarter).End()
	for _, k := range all {
		if k.State == "preparing" || !k.CastFrom.Before(to) || !k.CastUntil.After(from) {
			continue
		}
		turn, err := s.ev.Turnout(ctx, k.ID)
		if err != nil {
			return err
		}
		c := PackCampaign{Title: evaluation.CampaignTitle(k.Year, k.Kind)}
		for _, t := range turn {
			c.Turnout = append(c.Turnout, PackTurn{Group: t.Group, Listed: t.Listed, Ballots: t.Ballots})
		}
		f.Campaigns = append(f.Campaigns, c)
	}
	return nil
}

// ranking adds the latest published ranking.
func (s *Store) ranking(ctx context.Context, f *PackFacts) error {
	years, err := s.ev.PublishedYears(ctx)
	if err != nil || len(years) == 0 {
		return err
	}
	r, err := s.ev.Published(ctx, years[0])
	if err != nil {
		return err
	}
	rows, err := s.ev.Rows(ctx, r)
	if err != nil {
		return err
	}
	f.Ranking = PackRanking{Year: r.Year, Version: r.Version}
	for _, x := range rows {
		f.Ranking.Rows = append(f.Ranking.Rows, PackRow{Class: x.Class, Rank: x.Rank, Name: x.Name, Total: x.Total.Text(2), Grade: x.Grade, Tier: x.Tier})
	}
	return nil
}

// upheld adds the cases in which the supervision office found against a unit in the quarter.
func (s *Store) upheld(ctx context.Context, f *PackFacts) error {
	// what the leading group may see of cases, whoever makes the pack: it is for the group
	group := org.Actor{Role: org.RoleLeader, Post: org.PostMember}
	cases, _, err := s.passing.Cases(ctx, group, passing.CaseFilter{Page: 1, Size: 1000})
	if err != nil {
		return err
	}
	for _, c := range cases {
		if c.Finding != "upheld" || c.FoundAt == nil {
			continue
		}
		on := calendar.DateOf(*c.FoundAt)
		if on < QuarterStart(f.Year, f.Quarter) || on > QuarterEnd(f.Year, f.Quarter) {
			continue
		}
		x := PackCase{Ref: c.Ref, Title: c.Title, Lang: c.Lang, FoundOn: on}
		for _, u := range c.Units {
			if u.Unit == c.FindingUnit {
				x.Unit = u.Name
			}
		}
		f.Cases = append(f.Cases, x)
	}
	return nil
}

// openMatters adds key projects, decisions that are still open and the topics on the table.
func (s *Store) openMatters(ctx context.Context, by org.Actor, m Meeting, f *PackFacts) error {
	reports, err := s.ProjectReports(ctx, by)
	if err != nil {
		return err
	}
	for _, r := range reports {
		f.Projects = append(f.Projects, PackProject{No: r.No, Name: r.Names, Last: r.Last, Next: r.Next, Late: r.Overdue(calendar.DateOf(f.AsOf))})
	}
	open, _, err := s.FollowUp(ctx, by, "open", 1, 100)
	if err != nil {
		return err
	}
	for _, d := range open {
		f.Decisions = append(f.Decisions, PackDecision{No: d.No, Text: d.Text, Unit: d.LeadName, DueOn: d.DueOn, State: d.State, Late: d.Overdue(s.now())})
	}
	items, err := s.Items(ctx, by, m.ID)
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.Kind == "topic" {
			f.Topics = append(f.Topics, i.Body)
		}
	}
	return nil
}

type packRow struct {
	ID       int64          `db:"id"`
	No       int            `db:"no"`
	Sections pq.StringArray `db:"sections"`
	Facts    []byte         `db:"facts"`
	Hash     []byte         `db:"sha256"`
	AsOf     time.Time      `db:"as_of"`
	Maker    string         `db:"maker"`
}

// Pack returns a pack from the facts it was made of; ErrPackBroken when these were
// touched since.
func (s *Store) Pack(ctx context.Context, by org.Actor, id ID, pack int64) (Pack, error) {
	if !Reads(by) {
		return Pack{}, fault.ErrNotFound
	}
	var r packRow
	const q = `SELECT p.id, p.no, p.sections, p.facts, p.sha256, p.as_of, coalesce(a.name, '') AS maker FROM meeting_packs p LEFT JOIN accounts a ON a.id = p.made_by WHERE p.id = $1 AND p.meeting_id = $2`
	err := s.db.GetContext(ctx, &r, q, pack, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Pack{}, fault.ErrNotFound
	}
	if err != nil {
		return Pack{}, fmt.Errorf("read pack: %w", err)
	}
	if sum := sha256.Sum256(r.Facts); string(sum[:]) != string(r.Hash) {
		return Pack{}, ErrPackBroken
	}
	f, err := DecodeFacts(r.Facts)
	return Pack{ID: r.ID, Meeting: id, No: r.No, Sections: r.Sections, Hash: r.Hash, AsOf: r.AsOf, Maker: r.Maker, Facts: f}, err
}

// Packs returns the packs of a meeting without their facts, the latest first.
func (s *Store) Packs(ctx context.Context, by org.Actor, id ID) ([]Pack, error) {
	if !Reads(by) {
		return nil, fault.ErrNotFound
	}
	var rows []packRow
	const q = `SELECT p.id, p.no, p.sections, p.sha256, p.as_of, coalesce(a.name, '') AS maker FROM meeting_packs p LEFT JOIN accounts a ON a.id = p.made_by WHERE p.meeting_id = $1 ORDER BY p.no DESC`
	if err := s.db.SelectContext(ctx, &rows, q, id); err != nil {
		return nil, fmt.Errorf("list packs: %w", err)
	}
	out := make([]Pack, len(rows))
	for i, r := range rows {
		out[i] = Pack{ID: r.ID, Meeting: id, No: r.No, Sections: r.Sections, Hash: r.Hash, AsOf: r.AsOf, Maker: r.Maker}
	}
	return out, nil
}
