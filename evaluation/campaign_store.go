package evaluation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

const campaignColumns = `c.id, c.year, c.kind, c.scheme_id, c.state, c.card_from, c.card_until, c.cast_from, c.cast_until, c.opened_at, c.closed_at,
	c.tallied_at, c.rater_count, c.ballots_cast, c.ballots_revised,
	(SELECT count(*) FROM campaign_units u WHERE u.campaign_id = c.id) AS units,
	(SELECT count(*) FROM campaign_raters r WHERE r.campaign_id = c.id) AS listed,
	(SELECT count(*) FROM card_issue k WHERE k.campaign_id = c.id) AS cards FROM campaigns c `

// Campaigns returns all campaigns, the latest first.
func (s *Store) Campaigns(ctx context.Context) ([]Campaign, error) {
	var out []Campaign
	if err := s.db.SelectContext(ctx, &out, `SELECT `+campaignColumns+`ORDER BY c.state = 'open' DESC, c.year DESC, c.cast_from DESC, c.id DESC`); err != nil {
		return nil, fmt.Errorf("list campaigns: %w", err)
	}
	return out, nil
}

// Campaign returns one campaign; ErrNotFound when there is none.
func (s *Store) Campaign(ctx context.Context, id CampaignID) (Campaign, error) {
	var c Campaign
	err := s.db.GetContext(ctx, &c, `SELECT `+campaignColumns+`WHERE c.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.ErrNotFound
	}
	if err != nil {
		return c, fmt.Errorf("read campaign: %w", err)
	}
	return c, nil
}

// CreateCampaign plans a campaign under the current scheme, with all units and
// raters of the county on its list. The same idem is the same campaign.
func (s *Store) CreateCampaign(ctx context.Context, by org.Actor, d CampaignDraft, idem string) (CampaignID, error) {
	if err := run(by); err != nil {
		return 0, err
	}
	c, f := d.check()
	if err := f.Err(); err != nil {
		return 0, err
	}
	sc, err := s.CurrentScheme(ctx)
	if err != nil {
		return 0, err
	}
	if weightOf(sc.Campaigns, c.Kind) == 0 {
		return 0, fault.Field("kind", "campaign.kind-not-in-scheme")
	}
	var id CampaignID
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		const known = `SELECT id FROM campaigns WHERE idem = $1`
		if err := tx.GetContext(ctx, &id, known, idem); err == nil {
			return nil
		} else if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for the campaign: %w", err)
		}
		const q = `INSERT INTO campaigns (year, kind, scheme_id, card_from, card_until, cast_from, cast_until, created_by, idem)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`
		err := tx.GetContext(ctx, &id, q, c.Year, c.Kind, sc.ID, c.CardFrom, c.CardUntil, c.CastFrom, c.CastUntil, orNull(int64(by.Account)), idem)
		if postgres.Violates(err, "campaigns_once") {
			return fault.Field("kind", "campaign.exists")
		}
		if err != nil {
			return fmt.Errorf("plan campaign: %w", err)
		}
		if err := fillLists(ctx, tx, id, sc); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "campaign.planned", fmt.Sprintf("campaign:%d", id), map[string]any{"year": c.Year, "kind": c.Kind})
	})
	return id, err
}

func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// fillLists puts every active unit and every rater of the county on the lists:
// companies of G1 and G2, council members of the chamber (G3), invited
// supervisors (G4), members of the leading group (G5); of these the groups that the
// scheme weighs.
func fillLists(ctx context.Context, tx *sqlx.Tx, id CampaignID, sc *Scheme) error {
	var groups pq.StringArray
	for _, g := range sc.Groups {
		groups = append(groups, g.Code)
	}
	for _, q := range []string{
		`INSERT INTO campaign_units (campaign_id, unit_id, class) SELECT $1, id, class FROM units WHERE active ON CONFLICT DO NOTHING`,
		`INSERT INTO campaign_raters (campaign_id, grp, company_id) SELECT $1, rater_group, id FROM companies
			WHERE active AND rater_group <> '' ORDER BY md5(licence) ON CONFLICT DO NOTHING`,
		`INSERT INTO campaign_raters (campaign_id, grp, account_id)
			SELECT $1, CASE b.kind WHEN 'chamber' THEN 'G3' WHEN 'invited' THEN 'G4' ELSE 'G5' END, a.id
			FROM accounts a JOIN memberships m ON m.account_id = a.id AND m.until_on IS NULL JOIN bodies b ON b.id = m.body_id
			WHERE a.disabled_at IS NULL AND b.kind IN ('chamber', 'invited', 'leading_group') AND m.post <> 'officer'
			ORDER BY md5(a.login) ON CONFLICT DO NOTHING`,
	} {
		if _, err := tx.ExecContext(ctx, q, id); err != nil {
			return fmt.Errorf("fill the lists: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM campaign_raters WHERE campaign_id = $1 AND grp <> ALL ($2)`, id, groups); err != nil {
		return fmt.Errorf("fill the lists: %w", err)
	}
	return nil
}

// Refill brings the lists of a campaign that is still being prepared up to date.
func (s *Store) Refill(ctx context.Context, by org.Actor, id CampaignID) error {
	if err := run(by); err != nil {
		return err
	}
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return err
	}
	sc, err := s.Scheme(ctx, c.SchemeID)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "preparing"); err != nil {
			return err
		}
		for _, q := range []string{`DELETE FROM campaign_raters WHERE campaign_id = $1`, `DELETE FROM campaign_units WHERE campaign_id = $1`} {
			if _, err := tx.ExecContext(ctx, q, id); err != nil {
				return fmt.Errorf("clear the lists: %w", err)
			}
		}
		if err := fillLists(ctx, tx, id, sc); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "campaign.lists", fmt.Sprintf("campaign:%d", id), nil)
	})
}

// lockIn locks the campaign and refuses it in any other state.
func lockIn(ctx context.Context, tx *sqlx.Tx, id CampaignID, states ...string) error {
	var state string
	err := tx.GetContext(ctx, &state, `SELECT state FROM campaigns WHERE id = $1 FOR UPDATE`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("lock campaign: %w", err)
	}
	for _, s := range states {
		if s == state {
			return nil
		}
	}
	return ErrState
}

// Conditions lists what must hold before the campaign opens, each with whether it
// does.
func (s *Store) Conditions(ctx context.Context, id CampaignID) ([]Condition, error) {
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return nil, err
	}
	sc, err := s.Scheme(ctx, c.SchemeID)
	if err != nil {
		return nil, err
	}
	var headless []string
	const heads = `SELECT u.code FROM campaign_units x JOIN units u ON u.id = x.unit_id
		WHERE x.campaign_id = $1 AND NOT EXISTS (SELECT FROM unit_heads h WHERE h.unit_id = u.id AND h.until_on IS NULL) ORDER BY u.code`
	if err := s.db.SelectContext(ctx, &headless, heads, id); err != nil {
		return nil, fmt.Errorf("look for heads: %w", err)
	}
	groups, err := s.groupSizes(ctx, id)
	if err != nil {
		return nil, err
	}
	key, err := s.TallyKey(ctx, id)
	if err != nil {
		return nil, err
	}
	total, small := 0, ""
	for g, n := range groups {
		total += n
		if n < sc.Group.MinLines && (small == "" || g < small) {
			small = g
		}
	}
	first := ""
	if len(headless) > 0 {
		first = headless[0]
	}
	return []Condition{
		{Key: "campaign.cond-scheme", Args: []any{"Version", sc.Version}, OK: true},
		{Key: "campaign.cond-units", Args: []any{"Count", c.Units}, OK: c.Units > 0},
		{Key: "campaign.cond-heads", Args: []any{"Count", len(headless), "First", first}, OK: len(headless) == 0},
		{Key: "campaign.cond-raters", Args: []any{"Count", total}, OK: total > 0},
		{Key: "campaign.cond-groups", Args: []any{"Least", sc.Group.MinLines, "Group", small}, OK: small == "" && total > 0},
		{Key: "campaign.cond-key", Args: []any{"Threshold", key.Public.Threshold, "Count", key.Public.Count}, OK: key.Made},
		{Key: "campaign.cond-rehearsal", Args: nil, OK: key.Rehearsed},
		{Key: "campaign.cond-window", Args: nil, OK: s.now().Before(c.CastUntil)},
	}, nil
}

func (s *Store) groupSizes(ctx context.Context, id CampaignID) (map[string]int, error) {
	var rows []struct {
		Group string `db:"grp"`
		N     int    `db:"n"`
	}
	if err := s.db.SelectContext(ctx, &rows, `SELECT grp, count(*) AS n FROM campaign_raters WHERE campaign_id = $1 GROUP BY grp`, id); err != nil {
		return nil, fmt.Errorf("count raters: %w", err)
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.Group] = r.N
	}
	return out, nil
}

// Open opens a campaign: its scheme is locked, its lists are frozen, the keys of
// its cards are made and the box is told. Repeating it after a failure half-way
// is safe.
func (s *Store) Open(ctx context.Context, by org.Actor, id CampaignID) error {
	if err := run(by); err != nil {
		return err
	}
	conditions, err := s.Conditions(ctx, id)
	if err != nil {
		return err
	}
	for _, c := range conditions {
		if !c.OK {
			return ErrNotReady
		}
	}
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return err
	}
	if c.State != "preparing" {
		return ErrState
	}
	form, err := s.form(ctx, c)
	if err != nil {
		return err
	}
	sizes, err := s.groupSizes(ctx, id)
	if err != nil {
		return err
	}
	groups, total := make([]string, 0, len(sizes)), 0
	for g, n := range sizes {
		groups, total = append(groups, g), total+n
	}
	key, err := s.TallyKey(ctx, id)
	if err != nil {
		return err
	}
	if err := s.box.Keys().Create(id, groups); err != nil {
		return err
	}
	if err := s.box.Open(ctx, id, c.CastFrom, c.CastUntil, form, key.Public); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "preparing"); err != nil {
			return err
		}
		for _, q := range []string{
			`UPDATE campaign_units x SET head_name = h.name FROM unit_heads h WHERE x.campaign_id = $1 AND h.unit_id = x.unit_id AND h.until_on IS NULL AND $2::timestamptz IS NOT NULL AND $3::int > 0`,
			`UPDATE schemes SET locked_at = coalesce(locked_at, $2) WHERE id = (SELECT scheme_id FROM campaigns WHERE id = $1) AND $3::int > 0`,
			`UPDATE campaigns SET state = 'open', opened_at = $2, rater_count = $3 WHERE id = $1`,
		} {
			if _, err := tx.ExecContext(ctx, q, id, s.now(), total); err != nil {
				return fmt.Errorf("open campaign: %w", err)
			}
		}
		if err := s.tellOpened(ctx, tx, c); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "campaign.opened", fmt.Sprintf("campaign:%d", id), map[string]any{"raters": total})
	})
}

// Form is the ballot of a campaign as it would be opened now.
func (s *Store) Form(ctx context.Context, id CampaignID) (ballotbox.Form, error) {
	c, err := s.Campaign(ctx, id)
	if err != nil {
		return ballotbox.Form{}, err
	}
	return s.form(ctx, c)
}

// form is what the box is told of a campaign; nothing about raters.
func (s *Store) form(ctx context.Context, c Campaign) (ballotbox.Form, error) {
	sc, err := s.Scheme(ctx, c.SchemeID)
	if err != nil {
		return ballotbox.Form{}, err
	}
	f := ballotbox.Form{Year: c.Year, Title: CampaignTitle(c.Year, c.Kind), Scheme: fmt.Sprintf("%s/%d", sc.Code, sc.Version)}
	for _, i := range sc.Indicators {
		f.Indicators = append(f.Indicators, ballotbox.Item{Code: i.Code, Name: i.Name, Question: i.Question})
	}
	for _, l := range sc.Levels {
		f.Levels = append(f.Levels, l.Code)
		if l.Reason {
			f.Low = append(f.Low, l.Code)
		}
		if l.Name.ZH != "" {
			if f.LevelNames == nil {
				f.LevelNames = map[string]org.Names{}
			}
			f.LevelNames[l.Code] = l.Name
		}
	}
	for _, r := range sc.Reasons {
		f.Reasons = append(f.Reasons, ballotbox.Item{Code: r.Code, Name: r.Name})
	}
	var units []struct {
		ID     org.UnitID `db:"id"`
		Code   string     `db:"code"`
		Class  int        `db:"class"`
		Name   org.Names  `db:"name"`
		Duties org.Names  `db:"duties"`
	}
	const q = `SELECT u.id, u.code, x.class, u.name_zh AS "name.name_zh", u.name_en AS "name.name_en", u.name_ru AS "name.name_ru",
			u.duties_zh AS "duties.name_zh", u.duties_en AS "duties.name_en", u.duties_ru AS "duties.name_ru"
		FROM campaign_units x JOIN units u ON u.id = x.unit_id WHERE x.campaign_id = $1 ORDER BY x.class, u.code`
	if err := s.db.SelectContext(ctx, &units, q, c.ID); err != nil {
		return f, fmt.Errorf("read the campaign's units: %w", err)
	}
	for _, u := range units {
		f.Units = append(f.Units, ballotbox.Unit{ID: u.ID, Code: u.Code, Class: u.Class, Name: u.Name, Duties: u.Duties})
	}
	return f, nil
}

// CampaignTitle names a campaign in three languages.
func CampaignTitle(year int, kind string) org.Names {
	if q, ok := strings.CutPrefix(kind, "q"); ok {
		roman := map[string]string{"1": "I", "2": "II", "3": "III", "4": "IV"}[q]
		han := map[string]string{"1": "一", "2": "二", "3": "三", "4": "四"}[q]
		return org.Names{ZH: fmt.Sprintf("%d 年第%s季度部门评议", year, han), EN: fmt.Sprintf("Appraisal Q%s %d", q, year), RU: fmt.Sprintf("Оценка ведомств за %s квартал %d г.", roman, year)}
	}
	if kind == "mid_year" {
		return org.Names{ZH: fmt.Sprintf("%d 年年中部门评议", year), EN: fmt.Sprintf("Mid-year appraisal %d", year), RU: fmt.Sprintf("Оценка ведомств за полугодие %d г.", year)}
	}
	return org.Names{ZH: fmt.Sprintf("%d 年度部门评议", year), EN: fmt.Sprintf("Year-end appraisal %d", year), RU: fmt.Sprintf("Итоговая оценка ведомств за %d г.", year)}
}

// Raters returns the list of a campaign with whether a card was collected; never
// whether or how a ballot was cast.
func (s *Store) Raters(ctx context.Context, by org.Actor, id CampaignID, page, size int) ([]Rater, error) {
	if !runs(by) && !by.Is(org.RoleSupervision, org.RoleClerk) {
		return nil, fault.ErrNotFound
	}
	var out []Rater
	const q = `SELECT r.rater_id, r.grp, coalesce(r.company_id, 0) AS company, coalesce(r.account_id, 0) AS account, coalesce(c.name_zh, a.name) AS name,
			k.rater_id IS NOT NULL AS card, coalesce(k.how, '') AS how, k.lost_on IS NOT NULL AND k.reissued_on IS NULL AS lost, coalesce(to_char(k.issued_on, 'YYYY-MM-DD'), '') AS issued_on
		FROM campaign_raters r LEFT JOIN companies c ON c.id = r.company_id LEFT JOIN accounts a ON a.id = r.account_id
		LEFT JOIN card_issue k ON k.campaign_id = r.campaign_id AND k.rater_id = r.rater_id
		WHERE r.campaign_id = $1 ORDER BY r.grp, name COLLATE "zh-x-icu", r.rater_id LIMIT $2 OFFSET $3`
	if err := s.db.SelectContext(ctx, &out, q, id, size, max(0, page-1)*size); err != nil {
		return nil, fmt.Errorf("list raters: %w", err)
	}
	return out, nil
}

// Turnout is how far a group is: all anybody may know before the close.
type Turnout struct {
	Group   string
	Listed  int
	Cards   int
	Ballots int
}

// Turnout returns, for each group, raters listed, cards collected, cards used.
func (s *Store) Turnout(ctx context.Context, id CampaignID) ([]Turnout, error) {
	var out []Turnout
	const q = `SELECT r.grp AS "group", count(*) AS listed, count(k.rater_id) AS cards, 0 AS ballots
		FROM campaign_raters r LEFT JOIN card_issue k ON k.campaign_id = r.campaign_id AND k.rater_id = r.rater_id
		WHERE r.campaign_id = $1 GROUP BY r.grp ORDER BY r.grp`
	if err := s.db.SelectContext(ctx, &out, q, id); err != nil {
		return nil, fmt.Errorf("count cards: %w", err)
	}
	used, err := s.box.Turnout(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Ballots = used[out[i].Group]
	}
	return out, nil
}
