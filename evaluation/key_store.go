package evaluation

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/evaluation/tallykey"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// The tally key of a campaign: made once, its shares printed and never kept; a
// rehearsal shows that they open, before the campaign does.

// TallyKey is what the portal knows of a campaign's tally key.
type TallyKey struct {
	Public     tallykey.Public
	Holders    []string // who holds share 1, 2, ...
	Made       bool
	Rehearsed  bool
	Rehearsal  string // the text to be found in the rehearsal
	sealed     []byte
	Destroyed  string // the day on which the shares were destroyed, on record
	TallyHash  []byte
	OpenedBy   []int64
	LogOrigin  string
	LogKey     string
	resultJSON []byte
}

// KeyDraft is how a tally key is to be split.
type KeyDraft struct {
	Threshold int
	Holders   []string // one name a share
}

func (d KeyDraft) check() (KeyDraft, error) {
	f := fault.Fields{}
	var clean []string
	for _, h := range d.Holders {
		if h = strings.TrimSpace(h); h != "" {
			clean = append(clean, h)
		}
	}
	d.Holders = clean
	if len(d.Holders) < 2 || len(d.Holders) > tallykey.MaxShares {
		f.Add("holders", "key.holders-number", "Most", tallykey.MaxShares)
	} else if d.Threshold < 2 || d.Threshold > len(d.Holders) {
		f.Add("threshold", "key.threshold-range", "Most", len(d.Holders))
	}
	return d, f.Err()
}

// TallyKey returns what is known of a campaign's tally key.
func (s *Store) TallyKey(ctx context.Context, id CampaignID) (TallyKey, error) {
	var k TallyKey
	var doc []byte
	var opened pq.Int64Array
	const q = `SELECT coalesce(tally_key, 'null'), tally_holders, tally_key IS NOT NULL, rehearsed_at IS NOT NULL, rehearsal_text, coalesce(rehearsal_sealed, ''),
			coalesce(to_char(shares_destroyed_on, 'YYYY-MM-DD'), ''), coalesce(tally_hash, ''), opened_by, log_origin, log_key, coalesce(tally_result, 'null')
		FROM campaigns WHERE id = $1`
	err := s.db.QueryRowContext(ctx, q, id).Scan(&doc, pq.Array(&k.Holders), &k.Made, &k.Rehearsed, &k.Rehearsal, &k.sealed, &k.Destroyed, &k.TallyHash, &opened, &k.LogOrigin, &k.LogKey, &k.resultJSON)
	if err != nil {
		return k, fmt.Errorf("read the tally key: %w", err)
	}
	k.OpenedBy = opened
	if err := json.Unmarshal(doc, &k.Public); err != nil {
		return k, fmt.Errorf("read the tally key: %w", err)
	}
	return k, nil
}

// MakeKey makes the tally key of a campaign that is being prepared and returns
// its shares, which exist nowhere else from then on. A key made before is
// replaced, and must be rehearsed again.
func (s *Store) MakeKey(ctx context.Context, by org.Actor, id CampaignID, d KeyDraft) (tallykey.Public, []tallykey.Share, error) {
	if err := run(by); err != nil {
		return tallykey.Public{}, nil, err
	}
	d, err := d.check()
	if err != nil {
		return tallykey.Public{}, nil, err
	}
	pub, shares, err := tallykey.Make(int64(id), d.Threshold, len(d.Holders))
	if err != nil {
		return pub, nil, err
	}
	return pub, shares, s.setKey(ctx, by, id, pub, d.Holders)
}

// AdoptKey takes the public part of a key that was made on another machine.
func (s *Store) AdoptKey(ctx context.Context, by org.Actor, id CampaignID, public []byte, holders []string) error {
	if err := run(by); err != nil {
		return err
	}
	var pub tallykey.Public
	if err := json.Unmarshal(public, &pub); err != nil || pub.Campaign != int64(id) || len(pub.Seal) != 32 || len(pub.Commitments) != pub.Threshold {
		return fault.Field("public", "key.public-wrong")
	}
	d, err := KeyDraft{Threshold: pub.Threshold, Holders: holders}.check()
	if err != nil {
		return err
	}
	if len(d.Holders) != pub.Count {
		return fault.Field("holders", "key.holders-count", "Count", pub.Count)
	}
	return s.setKey(ctx, by, id, pub, d.Holders)
}

func (s *Store) setKey(ctx context.Context, by org.Actor, id CampaignID, pub tallykey.Public, holders []string) error {
	doc, err := json.Marshal(pub)
	if err != nil {
		return fmt.Errorf("write the tally key: %w", err)
	}
	text := rehearsalText()
	sealed, err := pub.SealTo([]byte(text))
	if err != nil {
		return err
	}
	origin, logKey, err := s.box.Prepare(id)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "preparing"); err != nil {
			return err
		}
		const q = `UPDATE campaigns SET tally_key = $2, tally_holders = $3, key_made_at = $4, rehearsal_text = $5, rehearsal_sealed = $6, rehearsed_at = NULL,
				log_origin = $7, log_key = $8 WHERE id = $1`
		if _, err := tx.ExecContext(ctx, q, id, doc, pq.Array(holders), s.now(), text, sealed, origin, logKey); err != nil {
			return fmt.Errorf("keep the tally key: %w", err)
		}
		return record.Append(ctx, tx, by, "campaign.key-made", fmt.Sprintf("campaign:%d", id), map[string]any{"key": pub.Name(), "threshold": pub.Threshold, "shares": pub.Count})
	})
}

// rehearsalText is a few words that cannot be guessed.
func rehearsalText() string {
	var b [10]byte
	_, _ = rand.Read(b[:])
	return "PINGYI-" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// Holders of shares open a box in pairs from different bodies.

// MayHold reports whether the actor comes from a body that holds shares.
func MayHold(a org.Actor) bool {
	return a.Role == org.RoleSupervision || a.IsOffice() || (a.Role == org.RoleChamber && a.Post != org.PostNone)
}

// Errors of opening a box.
var (
	ErrTwoPeople = fault.New(fault.Invalid, "key.two-people")
	ErrNotHolder = fault.New(fault.Forbidden, "key.not-holder")
)

func pair(by, with org.Actor) error {
	if !MayHold(by) {
		return ErrNotHolder
	}
	if !MayHold(with) || by.Account == with.Account || by.Body == with.Body {
		return ErrTwoPeople
	}
	return nil
}

// readShares reads shares as typed; what is wrong is said per field, share1 and
// so on.
func readShares(pub tallykey.Public, typed []string) ([]tallykey.Share, error) {
	f := fault.Fields{}
	var out []tallykey.Share
	seen := map[int]bool{}
	for i, t := range typed {
		field := fmt.Sprintf("share%d", i+1)
		if strings.TrimSpace(t) == "" {
			f.Add(field, "key.share-missing")
			continue
		}
		sh, err := tallykey.ParseShare(t)
		if err == nil {
			err = pub.Check(sh)
		}
		switch {
		case errors.Is(err, tallykey.ErrShare):
			f.Add(field, "key.share-unreadable")
		case err != nil:
			f.Add(field, "key.share-foreign")
		case seen[sh.Number]:
			f.Add(field, "key.share-twice")
		default:
			seen[sh.Number] = true
			out = append(out, sh)
		}
	}
	return out, f.Err()
}

// Rehearse opens the sealed test text with shares, two people being present, and
// so shows that the ballots can be opened one day. Without it a campaign cannot
// open.
func (s *Store) Rehearse(ctx context.Context, by, with org.Actor, id CampaignID, typed []string) error {
	if err := pair(by, with); err != nil {
		return err
	}
	k, err := s.TallyKey(ctx, id)
	if err != nil {
		return err
	}
	if !k.Made {
		return ErrState
	}
	shares, err := readShares(k.Public, typed)
	if err != nil {
		return err
	}
	key, err := k.Public.Combine(shares...)
	if err != nil {
		return fault.Field("share1", "key.share-foreign")
	}
	text, ok := key.Open(k.sealed)
	if !ok || string(text) != k.Rehearsal {
		return fault.Field("share1", "key.share-foreign")
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "preparing"); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE campaigns SET rehearsed_at = $2 WHERE id = $1`, id, s.now()); err != nil {
			return fmt.Errorf("note the rehearsal: %w", err)
		}
		return record.Append(ctx, tx, by, "campaign.rehearsed", fmt.Sprintf("campaign:%d", id), map[string]any{"key": k.Public.Name(), "with": with.Account})
	})
}

// appealDays are the working days for which the shares are kept once the year's
// result is published: 5 of public notice, in which a unit may appeal, and 10 for
// the decision, which may need the box.
const appealDays = 15

// DestroyShares puts on record that the holders destroyed their shares: from then
// on no ballot can be opened again. Only once the time for appeals is over:
// ErrNotPublished before the year's result is published, ErrAppeals after it,
// ErrAppealOpen while one is not decided.
func (s *Store) DestroyShares(ctx context.Context, by, with org.Actor, id CampaignID) error {
	if err := pair(by, with); err != nil {
		return err
	}
	until, err := s.appealsUntil(ctx, id)
	if err != nil {
		return err
	}
	if !s.now().After(until.End()) {
		return ErrAppeals.With("Date", string(until))
	}
	return postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if err := lockIn(ctx, tx, id, "tallied"); err != nil {
			return err
		}
		var open bool
		const appeals = `SELECT EXISTS (SELECT FROM appeals a JOIN year_results r ON r.id = a.result_id JOIN campaigns c ON c.year = r.year WHERE c.id = $1 AND a.decided_at IS NULL)`
		if err := tx.GetContext(ctx, &open, appeals, id); err != nil {
			return fmt.Errorf("look for open appeals: %w", err)
		}
		if open {
			return ErrAppealOpen
		}
		const q = `UPDATE campaigns SET shares_destroyed_on = $2, shares_destroyed_by = $3 WHERE id = $1 AND shares_destroyed_on IS NULL`
		res, err := tx.ExecContext(ctx, q, id, calendar.DateOf(s.now()), by.Account)
		if err != nil {
			return fmt.Errorf("record the destruction: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrState, err)
		}
		return record.Append(ctx, tx, by, "campaign.shares-destroyed", fmt.Sprintf("campaign:%d", id), map[string]any{"with": with.Account})
	})
}

// appealsUntil is the last day on which an appeal against the year of a campaign
// may still need its box.
func (s *Store) appealsUntil(ctx context.Context, id CampaignID) (calendar.Date, error) {
	var published *time.Time
	const q = `SELECT max(r.published_at) FROM year_results r JOIN campaigns c ON c.year = r.year WHERE c.id = $1 AND r.state = 'published'`
	if err := s.db.GetContext(ctx, &published, q, id); err != nil {
		return "", fmt.Errorf("look for the published result: %w", err)
	}
	if published == nil {
		return "", ErrNotPublished
	}
	days, err := s.cal.Current(ctx)
	if err != nil {
		return "", err
	}
	until, _ := days.Add(calendar.DateOf(*published), appealDays)
	return until, nil
}

// Errors of destroying shares.
var (
	ErrNotPublished = fault.New(fault.Conflict, "key.not-published")
	ErrAppeals      = fault.New(fault.Conflict, "key.appeals")
	ErrAppealOpen   = fault.New(fault.Conflict, "key.appeal-open")
)

// KeepDemoShares keeps shares where everybody can read them; a demo county only.
func (s *Store) KeepDemoShares(ctx context.Context, id CampaignID, shares []tallykey.Share) error {
	for _, sh := range shares {
		const q = `INSERT INTO demo_shares (campaign_id, number, share) SELECT $1, $2, $3 WHERE EXISTS (SELECT FROM demo_county) ON CONFLICT DO NOTHING`
		if _, err := s.db.ExecContext(ctx, q, id, sh.Number, sh.Text()); err != nil {
			return fmt.Errorf("keep a demo share: %w", err)
		}
	}
	return nil
}

// DemoShares returns the shares a demo county shows; none anywhere else.
func (s *Store) DemoShares(ctx context.Context, id CampaignID) ([]string, error) {
	var out []string
	if err := s.db.SelectContext(ctx, &out, `SELECT share FROM demo_shares WHERE campaign_id = $1 ORDER BY number`, id); err != nil {
		return nil, fmt.Errorf("read demo shares: %w", err)
	}
	return out, nil
}
