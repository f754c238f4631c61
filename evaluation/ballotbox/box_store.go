package ballotbox

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/mod/sumdb/note"

	"pingyi/calendar"
	"pingyi/evaluation/tallykey"
	"pingyi/merkle"
	"pingyi/postgres"
)

// Box takes ballots in, keeps them in a log and closes. cast and keeper are two
// roles: the caster puts a ballot in and reads nothing; the keeper reads what is
// sealed or public, appends, and changes nothing.
type Box struct {
	cast, keeper *sqlx.DB
	keys         *Keys
	name         string
	now          func() time.Time
	put          *sql.Stmt

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
	TallyKey tallykey.Public
	Origin   string // names the log
	LogKey   string // public key of the log
	readAt   time.Time
}

// Casting reports whether a ballot would be accepted at the moment.
func (n Notice) Casting(at time.Time) bool {
	return n.Open && !at.Before(n.From) && at.Before(n.Until)
}

// NewBox returns the box. name is the portal's host name and begins the names of
// its logs. The statement that casts is prepared once: a server that parses it
// anew for each ballot takes a third fewer.
func NewBox(ctx context.Context, cast, keeper *sqlx.DB, keys *Keys, name string, now func() time.Time) (*Box, error) {
	put, err := cast.PrepareContext(ctx, `SELECT ver, leaf FROM box_cast($1, $2, $3, $4, $5, $6, $7, $8)`)
	if err != nil {
		return nil, fmt.Errorf("prepare casting: %w", plain(err))
	}
	return &Box{cast: cast, keeper: keeper, keys: keys, name: name, now: now, put: put, forms: map[CampaignID]Notice{}}, nil
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
		State  string    `db:"state"`
		From   time.Time `db:"cast_from"`
		Until  time.Time `db:"cast_until"`
		Form   []byte    `db:"form"`
		Key    []byte    `db:"tally_key"`
		Origin string    `db:"origin"`
		Log    string    `db:"log_key"`
	}{}
	err := b.keeper.GetContext(ctx, &row, `SELECT state, cast_from, cast_until, form, coalesce(tally_key, 'null') AS tally_key, origin, log_key FROM box_campaign WHERE id = $1`, c)
	if errors.Is(err, sql.ErrNoRows) {
		return Notice{}, ErrNoCampaign
	}
	if err != nil {
		return Notice{}, fmt.Errorf("read the notice: %w", plain(err))
	}
	n = Notice{Campaign: c, Open: row.State == "open", From: row.From, Until: row.Until, Form: &Form{}, Origin: row.Origin, LogKey: row.Log, readAt: b.now()}
	if err := errors.Join(json.Unmarshal(row.Form, n.Form), json.Unmarshal(row.Key, &n.TallyKey)); err != nil {
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
	if err := b.keeper.SelectContext(ctx, &ids, q, b.now()); err != nil {
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

// CheckCard reports ErrCard for a card that is not good on the ballot host: forged,
// of another campaign, of a closed one, printed and voided, or the serial of a
// paper ballot, which others have read.
func (b *Box) CheckCard(ctx context.Context, c Card) error {
	if !c.Printed {
		return b.keys.check(c)
	}
	return b.checkListed(ctx, c, false)
}

// checkListed reports ErrCard for a printed card that is not on the list, or void,
// or of the other kind.
func (b *Box) checkListed(ctx context.Context, c Card, paper bool) error {
	var good bool
	const q = `SELECT EXISTS (SELECT FROM box_slot WHERE campaign = $1 AND slot = $2 AND grp = $3 AND paper = $4 AND NOT void)`
	if err := b.keeper.GetContext(ctx, &good, q, c.Campaign, c.Secret.Slot(c.Campaign), c.Group, paper); err != nil {
		return fmt.Errorf("look for a printed card: %w", plain(err))
	}
	if !good {
		return ErrCard
	}
	return nil
}

// Cast puts a ballot in, sealed, and returns its signed receipt; the leaf's
// version is 1 for the first, more when the card has been used before; the last
// one before the close counts. It returns after the commit. The same idem with
// the same answers and word is the same ballot. It returns ErrClosed outside the
// casting window, ErrCard for a card that is not good and ErrWord for an own word
// of a wrong length.
func (b *Box) Cast(ctx context.Context, card Card, ballot Ballot, word, idem string) (Receipt, error) {
	n, err := b.Notice(ctx, card.Campaign)
	if err != nil {
		return Receipt{}, err
	}
	if !n.Casting(b.now()) {
		return Receipt{}, ErrClosed
	}
	return b.castIn(ctx, n, card, ballot, word, idem)
}

// castIn casts in a campaign whose window has been looked at.
func (b *Box) castIn(ctx context.Context, n Notice, card Card, ballot Ballot, word, idem string) (Receipt, error) {
	if !card.Printed { // the list of printed ones is asked where the ballot is written
		if err := b.keys.check(card); err != nil {
			return Receipt{}, err
		}
	}
	if err := errors.Join(n.Form.Check(ballot), CheckWord(word)); err != nil {
		return Receipt{}, err
	}
	answers, payload, err := n.Form.encode(card, ballot)
	if err != nil {
		return Receipt{}, err
	}
	sealed, err := n.TallyKey.SealTo(pad(payload))
	if err != nil {
		return Receipt{}, err
	}
	key := hash("pingyi/idem/v1", []byte(idem), answers, card.Secret.WordHash(word))
	b64 := base64.StdEncoding.EncodeToString
	var version int
	var leaf sql.NullString
	slot, wordHash, commit := card.Secret.Slot(card.Campaign), b64(card.Secret.WordHash(word)), b64(CommitTo(payload))
	// One statement is a transaction of its own: it is committed when it answers,
	// with one round trip instead of three.
	var row *sql.Row
	if ballot.Paper {
		row = b.keeper.QueryRowContext(ctx, `SELECT ver, leaf FROM box_cast_paper($1, $2, $3, $4, $5, $6, $7)`, card.Campaign, slot, card.Group, key, wordHash, commit, sealed)
	} else {
		row = b.put.QueryRowContext(ctx, int64(card.Campaign), slot, card.Group, card.Printed, key, wordHash, commit, sealed)
	}
	if err := row.Scan(&version, &leaf); postgres.Violates(err, "box_paper_once") {
		return Receipt{}, ErrEntered
	} else if err != nil {
		return Receipt{}, fmt.Errorf("cast: %w", plain(err))
	}
	switch version {
	case 0:
		return Receipt{}, ErrClosed
	case -1:
		return Receipt{}, ErrCard
	}
	l, err := ParseLeaf(leaf.String)
	if err != nil {
		return Receipt{}, fmt.Errorf("cast: %w", err)
	}
	return b.receipt(l), nil
}

// receipt promises that a leaf will be in the log within a day.
func (b *Box) receipt(l Leaf) Receipt {
	return Receipt{Leaf: l, MergeBy: string(calendar.DateOf(b.now()).AddDays(1))}
}

// SignedReceipt signs a receipt with the log's key. The same receipt has always
// the same signature.
func (b *Box) SignedReceipt(r Receipt) ([]byte, error) {
	signer, _, err := b.log(r.Leaf.Campaign)
	if err != nil {
		return nil, err
	}
	return r.Sign(signer)
}

// log returns the signer of a campaign's log. Its name is the log's origin and
// stays, whatever the portal is called later.
func (b *Box) log(c CampaignID) (note.Signer, string, error) {
	return b.keys.Log(c, fmt.Sprintf("%s/ballots/%d", b.name, c))
}

// Find returns the receipt of a leaf by its hash, and its place in the log, -1
// while it waits for the next batch; ErrNoReceipt when there is none.
func (b *Box) Find(ctx context.Context, h merkle.Hash) (Receipt, int64, error) {
	var row struct {
		Leaf string        `db:"leaf"`
		Idx  sql.NullInt64 `db:"idx"`
	}
	err := b.cast.GetContext(ctx, &row, `SELECT leaf, idx FROM box_receipt($1)`, h[:])
	if errors.Is(err, sql.ErrNoRows) {
		return Receipt{}, 0, ErrNoReceipt
	}
	if err != nil {
		return Receipt{}, 0, fmt.Errorf("read a receipt: %w", plain(err))
	}
	l, err := ParseLeaf(row.Leaf)
	if err != nil {
		return Receipt{}, 0, fmt.Errorf("read a receipt: %w", err)
	}
	if !row.Idx.Valid {
		row.Idx.Int64 = -1
	}
	return b.receipt(l), row.Idx.Int64, nil
}

// Prepare makes the key of a campaign's log and returns its name and public part,
// which are published before opening.
func (b *Box) Prepare(c CampaignID) (origin, logKey string, err error) {
	signer, logKey, err := b.log(c)
	if err != nil {
		return "", "", err
	}
	return signer.Name(), logKey, nil
}

// Open announces a campaign to the box: its form and casting window and the key
// its ballots are sealed to; the log begins with a checkpoint of no ballots.
func (b *Box) Open(ctx context.Context, c CampaignID, from, until time.Time, form Form, key tallykey.Public) error {
	doc, err := json.Marshal(form)
	if err != nil {
		return fmt.Errorf("encode the form: %w", err)
	}
	keyDoc, err := json.Marshal(key)
	if err != nil {
		return fmt.Errorf("encode the tally key: %w", err)
	}
	origin, logKey, err := b.Prepare(c)
	if err != nil {
		return err
	}
	if err := postgres.InTx(ctx, b.keeper, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT box_open($1, $2, $3, $4, $5, $6, $7)`, c, from, until, doc, keyDoc, origin, logKey); err != nil {
			return err
		}
		return b.integrate(ctx, tx, c)
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
	if err := b.keeper.SelectContext(ctx, &rows, `SELECT grp, ballots FROM box_turnout($1)`, c); err != nil {
		return nil, fmt.Errorf("count cards used: %w", plain(err))
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.Grp] += r.Ballots
	}
	return out, nil
}

// Close closes the box: what waits goes into the log, and the last version of
// each card becomes the counted set, signed. Closing twice changes nothing.
func (b *Box) Close(ctx context.Context, c CampaignID) (counted, replaced int, err error) {
	signer, _, err := b.log(c)
	if err != nil {
		return 0, 0, err
	}
	err = postgres.InTx(ctx, b.keeper, func(tx *sqlx.Tx) error {
		if err := b.integrate(ctx, tx, c); err != nil {
			return err
		}
		set := CountedSet{Origin: signer.Name(), Campaign: c}
		if err := tx.SelectContext(ctx, &set.Index, `SELECT idx FROM (SELECT DISTINCT ON (slot) idx FROM box WHERE campaign = $1 ORDER BY slot, ver DESC) x ORDER BY idx`, c); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &set.LogSize, `SELECT count(*) FROM box WHERE campaign = $1`, c); err != nil {
			return err
		}
		text, err := set.Text()
		if err != nil {
			return err
		}
		msg, err := merkle.Sign(text, signer)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `SELECT box_close($1, $2, $3)`, c, len(set.Index), string(msg)); err != nil {
			return err
		}
		counted, replaced = len(set.Index), int(set.LogSize)-len(set.Index)
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("close the box: %w", plain(err))
	}
	b.mu.Lock()
	delete(b.forms, c)
	b.mu.Unlock()
	return counted, replaced, nil
}
