package shield

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/fault"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Watch is a flagged rise after a critical act, for the supervision office alone.
type Watch struct {
	ID       int64         `db:"id"`
	Company  org.CompanyID `db:"company_id"`
	CompName org.Names     `db:"company"`
	Act      string        `db:"act"` // upheld, sheet, refused, ballot, alarm
	ActRef   string        `db:"act_ref"`
	On       calendar.Date `db:"act_on"`
	Doc      []byte        `db:"counts"`
	Counts   Counts        `db:"-"`
	Flagged  time.Time     `db:"flagged_at"`
	State    string        `db:"state"`
	Unit     org.UnitID    `db:"unit_id"`
	Decision string        `db:"decision"`
	Heard    string        `db:"heard"`
	Decider  string        `db:"decider"`
	Decided  *time.Time    `db:"decided_at"`
}

// No is the number a finding of retaliation is entered under.
func (w Watch) No() string { return fmt.Sprintf("BF-%d-%03d", w.On.Year(), w.ID) }

const watchColumns = `w.id, w.company_id, c.name_zh AS "company.name_zh", c.name_en AS "company.name_en", c.name_ru AS "company.name_ru", w.act, w.act_ref,
	to_char(w.act_on, 'YYYY-MM-DD') AS act_on, w.counts, w.flagged_at, w.state, coalesce(w.unit_id, 0) AS unit_id, w.decision, w.heard, coalesce(a.name, '') AS decider, w.decided_at
	FROM shield_watches w JOIN companies c ON c.id = w.company_id LEFT JOIN accounts a ON a.id = w.decided_by `

// criticalActs are the acts of the last WatchDays of companies that have records after
// them: upheld cases, dissatisfied sheets, refused answers, cards collected in a
// campaign. What is in a ballot nobody knows; that one took part is enough. $1 the day
// from which acts are watched.
const criticalActs = `SELECT DISTINCT ON (company, act, ref) company, act, ref, to_char(on_day, 'YYYY-MM-DD') AS on_day FROM (
	SELECT i.company_id AS company, 'upheld' AS act, p.ref, (p.found_at AT TIME ZONE 'Asia/Shanghai')::date AS on_day FROM passing_cases p JOIN issues i ON i.id = p.issue_id WHERE p.finding = 'upheld' AND p.found_at >= $1
	UNION ALL SELECT v.company_id, 'sheet', s.no, (s.filed_at AT TIME ZONE 'Asia/Shanghai')::date FROM sheets s JOIN visits v ON v.id = s.visit_id
		WHERE s.filed_at >= $1 AND ('d' IN (s.q1, s.q2, s.q3, s.q4) OR 'vd' IN (s.q1, s.q2, s.q3, s.q4) OR s.demand = 'yes')
	UNION ALL SELECT i.company_id, 'refused', i.ref, (e.at AT TIME ZONE 'Asia/Shanghai')::date FROM issue_events e JOIN issues i ON i.id = e.issue_id WHERE e.kind = 'refuse' AND e.at >= $1
	UNION ALL SELECT r.company_id, 'ballot', c.year || '-' || c.kind, k.issued_on FROM card_issue k JOIN campaign_raters r ON r.campaign_id = k.campaign_id AND r.rater_id = k.rater_id
		JOIN campaigns c ON c.id = k.campaign_id WHERE k.issued_on >= $1 AND r.company_id IS NOT NULL
	UNION ALL SELECT company_id, 'alarm', no, (raised_at AT TIME ZONE 'Asia/Shanghai')::date FROM alarms WHERE raised_at >= $1) x
	WHERE (SELECT count(*) FROM inspections n WHERE n.company_id = x.company AND n.on_day > x.on_day) >= $2
	ORDER BY company, act, ref, on_day`

// Watch is what the clock does: it applies the rule to every critical act of the last
// WatchDays and raises a flag once for each. It returns how many it raised.
func (s *Store) Watch(ctx context.Context) (int, error) {
	var acts []struct {
		Company int64         `db:"company"`
		Act     string        `db:"act"`
		Ref     string        `db:"ref"`
		On      calendar.Date `db:"on_day"`
	}
	from := s.today().AddDays(-WatchDays)
	if err := s.db.SelectContext(ctx, &acts, criticalActs, from, LeastAfter); err != nil {
		return 0, fmt.Errorf("read critical acts: %w", err)
	}
	if len(acts) == 0 {
		return 0, nil
	}
	records, class, err := s.watched(ctx, from.AddDays(-BeforeDays))
	if err != nil {
		return 0, err
	}
	raised := 0
	for _, a := range acts {
		c := Count(records, a.Company, a.On, s.today(), func(id int64) bool { return class[id] == class[a.Company] })
		if !Judge(c).Flagged {
			continue
		}
		fresh, err := s.flag(ctx, a.Company, a.Act, a.Ref, a.On, c)
		if err != nil {
			return raised, err
		}
		if fresh {
			raised++
		}
	}
	return raised, nil
}

// watched reads the records since a day and the rater group of every company.
func (s *Store) watched(ctx context.Context, from calendar.Date) ([]Record, map[int64]string, error) {
	var rows []struct {
		Company int64         `db:"company_id"`
		Group   string        `db:"rater_group"`
		On      calendar.Date `db:"on_day"`
		Planned *time.Time    `db:"planned"`
	}
	const q = `SELECT x.company_id, c.rater_group, to_char(x.on_day, 'YYYY-MM-DD') AS on_day, p.entered_at AS planned
		FROM inspections x JOIN companies c ON c.id = x.company_id LEFT JOIN inspection_plans p ON p.id = x.plan_id WHERE x.on_day >= $1`
	if err := s.db.SelectContext(ctx, &rows, q, from); err != nil {
		return nil, nil, fmt.Errorf("read records: %w", err)
	}
	out, class := make([]Record, len(rows)), map[int64]string{}
	for i, r := range rows {
		out[i] = Record{Company: r.Company, On: r.On}
		if r.Planned != nil {
			out[i].Planned = calendar.DateOf(*r.Planned)
		}
		class[r.Company] = r.Group
	}
	return out, class, nil
}

// flag raises a flag once. The audit log learns that one was raised, not of whom.
func (s *Store) flag(ctx context.Context, company int64, act, ref string, on calendar.Date, c Counts) (fresh bool, err error) {
	doc, err := json.Marshal(c)
	if err != nil {
		return false, fmt.Errorf("encode counts: %w", err)
	}
	err = postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var ids []int64
		const q = `INSERT INTO shield_watches (company_id, act, act_ref, act_on, counts, flagged_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT ON CONSTRAINT shield_watches_once DO NOTHING RETURNING id`
		if err := tx.SelectContext(ctx, &ids, q, company, act, ref, on, doc, s.now()); err != nil {
			return fmt.Errorf("raise flag: %w", err)
		}
		if fresh = len(ids) > 0; !fresh {
			return nil
		}
		m := notify.Message{Kind: "shield-flag", Link: fmt.Sprintf("/o/shield/watches/%d", ids[0]), Key: fmt.Sprintf("shield-flag-%d", ids[0]), To: []notify.To{{Body: org.BodySupervision}}}
		if err := notify.Post(ctx, tx, s.now(), m); err != nil {
			return err
		}
		return record.Append(ctx, tx, org.Portal, "shield.flagged", fmt.Sprintf("watch:%d", ids[0]), nil)
	})
	return fresh, err
}

// Watches returns the flags, open ones first, to the supervision office alone.
func (s *Store) Watches(ctx context.Context, by org.Actor) ([]Watch, error) {
	if !watches(by) {
		return nil, fault.ErrNotFound
	}
	var out []Watch
	if err := s.db.SelectContext(ctx, &out, `SELECT `+watchColumns+`ORDER BY w.state <> 'open', w.flagged_at DESC, w.id LIMIT 200`); err != nil {
		return nil, fmt.Errorf("list flags: %w", err)
	}
	return out, decode(out)
}

func decode(list []Watch) error {
	var err error
	for i := range list {
		err = errors.Join(err, json.Unmarshal(list[i].Doc, &list[i].Counts))
	}
	return err
}

// OneWatch returns a flag with the records around it.
func (s *Store) OneWatch(ctx context.Context, by org.Actor, id int64) (Watch, []Inspection, error) {
	if !watches(by) {
		return Watch{}, nil, fault.ErrNotFound
	}
	var list []Watch
	if err := s.db.SelectContext(ctx, &list, `SELECT `+watchColumns+`WHERE w.id = $1`, id); err != nil {
		return Watch{}, nil, fmt.Errorf("read flag: %w", err)
	}
	if len(list) == 0 {
		return Watch{}, nil, fault.ErrNotFound
	}
	if err := decode(list); err != nil {
		return Watch{}, nil, err
	}
	var around []Inspection
	const q = `SELECT ` + inspectionColumns + `WHERE x.company_id = $1 AND x.on_day BETWEEN $2 AND $3 ORDER BY x.on_day DESC, x.id DESC`
	w := list[0]
	if err := s.db.SelectContext(ctx, &around, q, w.Company, w.On.AddDays(-BeforeDays), w.On.AddDays(WatchDays)); err != nil {
		return w, nil, fmt.Errorf("read records: %w", err)
	}
	return w, around, nil
}

// Ruling is what the supervision office decides on a flag or an alarm.
type Ruling struct {
	Word  string // proven, dismissed
	Unit  org.UnitID
	Text  string
	Heard string // how the unit was heard; needed for proven
}

// Rulings are the words of a ruling.
var Rulings = []string{"dismissed", "proven"}

func (r Ruling) check() error {
	f := fault.Fields{}
	switch r.Word {
	case "proven":
		if r.Unit == 0 {
			f.Add("unit", "shield.unit-missing")
		}
		f.Length("heard", r.Heard, MinText, MaxText)
	case "dismissed":
	default:
		f.Add("word", "shield.word-missing")
	}
	f.Length("text", r.Text, MinText, MaxText)
	return f.Err()
}

// ErrDecided: somebody has decided already.
var ErrDecided = fault.New(fault.Conflict, "shield.decided")

// DecideWatch ends a flag. Proven retaliation is a veto fact of the unit's year; its
// entry names no company.
func (s *Store) DecideWatch(ctx context.Context, by org.Actor, id int64, r Ruling) error {
	if !watches(by) {
		return fault.ErrForbidden
	}
	if err := r.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		var list []Watch
		if err := tx.SelectContext(ctx, &list, `SELECT `+watchColumns+`WHERE w.id = $1 FOR UPDATE OF w`, id); err != nil {
			return fmt.Errorf("lock flag: %w", err)
		}
		switch {
		case len(list) == 0:
			return fault.ErrNotFound
		case list[0].State == r.Word && list[0].Decision == r.Text:
			return nil // the same post again
		case list[0].State != "open":
			return ErrDecided
		}
		const q = `UPDATE shield_watches SET state = $2, unit_id = $3, decision = $4, heard = $5, decided_by = $6, decided_at = $7 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, r.Word, orNull(r.unit()), r.Text, r.Heard, by.Account, s.now()); err != nil {
			return fmt.Errorf("decide flag: %w", err)
		}
		if err := s.veto(ctx, tx, by, list[0].No(), r); err != nil {
			return err
		}
		return record.Append(ctx, tx, by, "shield.decided", fmt.Sprintf("watch:%d", id), map[string]any{"word": r.Word})
	})
}

func (r Ruling) unit() org.UnitID {
	if r.Word != "proven" {
		return 0
	}
	return r.Unit
}

// VetoEvidence is all that the unit's page says of proven retaliation: its number. The
// supervision office tells the unit the rest in person.
const VetoEvidence = "督查室认定打击报复属实，文号 "

// veto enters proven retaliation as V1 of the unit's year.
func (s *Store) veto(ctx context.Context, tx *sqlx.Tx, by org.Actor, no string, r Ruling) error {
	if r.Word != "proven" {
		return nil
	}
	return evaluation.EnterFinding(ctx, tx, by, evaluation.FindingEntry{Unit: r.Unit, Rule: "V1", At: s.now(), Evidence: VetoEvidence + no, Finding: no})
}
