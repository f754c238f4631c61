package ballotbox

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/org"
	"pingyi/postgres"
)

// Box casts ballots and, after the close, counts them. cast and tally are two
// roles: neither can do what the other does, and neither can read a ballot
// before the close.
type Box struct {
	cast, tally *sqlx.DB
	keys        *Keys
	now         func() time.Time
	put         *sql.Stmt

	mu    sync.Mutex
	forms map[CampaignID]Notice
}

// Notice is what the box knows of a campaign.
type Notice struct {
	Campaign CampaignID
	Open     bool
	From     time.Time
	Until    time.Time
	Form     *Form
	readAt   time.Time
}

// Casting reports whether a ballot would be accepted at the moment.
func (n Notice) Casting(at time.Time) bool {
	return n.Open && !at.Before(n.From) && at.Before(n.Until)
}

// NewBox returns the box. The statement that casts is prepared once: a server
// that parses it anew for each ballot takes a third fewer.
func NewBox(ctx context.Context, cast, tally *sqlx.DB, keys *Keys, now func() time.Time) (*Box, error) {
	put, err := cast.PrepareContext(ctx, `SELECT box_cast($1, $2, $3, $4, $5)`)
	if err != nil {
		return nil, fmt.Errorf("prepare casting: %w", plain(err))
	}
	return &Box{cast: cast, tally: tally, keys: keys, now: now, put: put, forms: map[CampaignID]Notice{}}, nil
}

// Keys returns the keys of the cards.
func (b *Box) Keys() *Keys { return b.keys }

// plain keeps of a database error what holds no value of a row: the detail of a
// violated key would put a slot into a log.
func plain(err error) error {
	var e *pq.Error
	if errors.As(err, &e) {
		return &pq.Error{Code: e.Code, Constraint: e.Constraint, Message: "ballot box", Severity: e.Severity}
	}
	return err
}

// Notice returns what the box knows of a campaign. It is read again after a
// moment, so that a close shows within seconds; the database decides.
func (b *Box) Notice(ctx context.Context, c CampaignID) (Notice, error) {
	b.mu.Lock()
	n, ok := b.forms[c]
	b.mu.Unlock()
	if ok && b.now().Sub(n.readAt) < 2*time.Second && !b.now().Before(n.readAt) {
		return n, nil
	}
	row := struct {
		State string    `db:"state"`
		From  time.Time `db:"cast_from"`
		Until time.Time `db:"cast_until"`
		Form  []byte    `db:"form"`
	}{}
	err := b.cast.GetContext(ctx, &row, `SELECT state, cast_from, cast_until, form FROM box_campaign WHERE id = $1`, c)
	if errors.Is(err, sql.ErrNoRows) {
		return Notice{}, ErrNoCampaign
	}
	if err != nil {
		return Notice{}, fmt.Errorf("read the notice: %w", plain(err))
	}
	n = Notice{Campaign: c, Open: row.State == "open", From: row.From, Until: row.Until, Form: &Form{}, readAt: b.now()}
	if err := json.Unmarshal(row.Form, n.Form); err != nil {
		return Notice{}, fmt.Errorf("read the form: %w", err)
	}
	b.mu.Lock()
	b.forms[c] = n
	b.mu.Unlock()
	return n, nil
}

// Campaigns lists the campaigns that can be rated at the moment, newest first.
func (b *Box) Campaigns(ctx context.Context) ([]Notice, error) {
	var ids []CampaignID
	const q = `SELECT id FROM box_campaign WHERE state = 'open' AND cast_until > $1 ORDER BY id DESC`
	if err := b.cast.SelectContext(ctx, &ids, q, b.now()); err != nil {
		return nil, fmt.Errorf("list open campaigns: %w", plain(err))
	}
	out := make([]Notice, 0, len(ids))
	for _, id := range ids {
		n, err := b.Notice(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// Cast puts a ballot in and returns its version: 1 for the first, more when the
// card has been used before; the last one before the close counts. It returns
// after the commit. The same idem is the same ballot. It returns ErrClosed
// outside the casting window and ErrCard for a card that is not good.
func (b *Box) Cast(ctx context.Context, card Card, ballot Ballot, idem string) (int, error) {
	n, err := b.Notice(ctx, card.Campaign)
	if err != nil {
		return 0, err
	}
	if !n.Casting(b.now()) {
		return 0, ErrClosed
	}
	if err := b.keys.Check(card); err != nil {
		return 0, err
	}
	if err := n.Form.Check(ballot); err != nil {
		return 0, err
	}
	body, err := n.Form.encode(card, ballot)
	if err != nil {
		return 0, err
	}
	key := sha256.Sum256([]byte("pingyi/idem/v1" + idem))
	var version int
	// One statement is a transaction of its own: it is committed when it answers,
	// with one round trip instead of three.
	if err := b.put.QueryRowContext(ctx, int64(card.Campaign), card.slot(), card.Group, key[:], body).Scan(&version); err != nil {
		return 0, fmt.Errorf("cast: %w", plain(err))
	}
	if version == 0 {
		return 0, ErrClosed
	}
	return version, nil
}

// Open announces a campaign to the box: its form and casting window.
func (b *Box) Open(ctx context.Context, c CampaignID, from, until time.Time, form Form) error {
	doc, err := json.Marshal(form)
	if err != nil {
		return fmt.Errorf("encode the form: %w", err)
	}
	if err := postgres.InTx(ctx, b.tally, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `SELECT box_open($1, $2, $3, $4)`, c, from, until, doc)
		return err
	}); err != nil {
		return fmt.Errorf("open the box: %w", plain(err))
	}
	return nil
}

// Turnout returns how many cards of each group have been used: all that anybody
// may know before the close.
func (b *Box) Turnout(ctx context.Context, c CampaignID) (map[string]int, error) {
	rows := []struct {
		Grp     string `db:"grp"`
		Ballots int    `db:"ballots"`
	}{}
	if err := b.tally.SelectContext(ctx, &rows, `SELECT grp, ballots FROM box_turnout($1)`, c); err != nil {
		return nil, fmt.Errorf("count cards used: %w", plain(err))
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.Grp] += r.Ballots
	}
	return out, nil
}

// Close closes the box: the last version of each card becomes the counted set,
// in random order, and the stage is emptied. Closing twice changes nothing.
func (b *Box) Close(ctx context.Context, c CampaignID) (counted, replaced int, err error) {
	err = postgres.InTx(ctx, b.tally, func(tx *sqlx.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT counted, replaced FROM box_close($1)`, c).Scan(&counted, &replaced)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("close the box: %w", plain(err))
	}
	b.mu.Lock()
	delete(b.forms, c)
	b.mu.Unlock()
	return counted, replaced, nil
}

// Counted calls each for every line of the counted set, unit by unit of one
// ballot after the other, in the random order of the box. It tells the group and
// the answers; there is nothing else to tell. Before the close there are none.
func (b *Box) Counted(ctx context.Context, c CampaignID, each func(group string, unit org.UnitID, answers map[string]string)) error {
	rows, err := b.tally.QueryContext(ctx, `SELECT grp, payload FROM box_counted($1)`, c)
	if err != nil {
		return fmt.Errorf("read the counted set: %w", plain(err))
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var group string
		var body []byte
		if err := rows.Scan(&group, &body); err != nil {
			return fmt.Errorf("read a ballot: %w", plain(err))
		}
		var p payload
		if err := json.Unmarshal(body, &p); err != nil {
			return fmt.Errorf("a ballot of the counted set cannot be read: %w", err)
		}
		if p.Campaign != c || p.Group != group {
			return fmt.Errorf("a ballot of the counted set belongs to another campaign or group")
		}
		for _, l := range p.Lines {
			each(group, l.Unit, l.Answers)
		}
	}
	return plain(rows.Err())
}
