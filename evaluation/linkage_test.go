package evaluation_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/migrations"
	"pingyi/postgres"
	"pingyi/postgres/pgtest"
)

// The attacker of these tests is whoever gets everything: dumps of both databases
// in their physical order with transaction numbers, every file of the server (a
// base backup), the write-ahead log, byte by byte, and the server's logs. He does
// not have the cards, and not the tally key.

const raterCount = 400

// cluster is a database server of its own, with the folder its files are in.
type cluster struct {
	portal, owner, boxOwner *sqlx.DB
	box                     pgtest.Box
	folder                  string
}

func newCluster(t *testing.T) cluster {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := pgtest.Throwaway(ctx)
	must(err)
	t.Cleanup(func() { _ = s.Stop() })
	d, err := postgres.Prepare(ctx, s.DSN(), "", pgtest.Secret)
	must(err)
	open := func(dsn string) *sqlx.DB {
		db, err := postgres.Open(ctx, dsn, 8)
		must(err)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	c := cluster{owner: open(d.PortalOwner), boxOwner: open(d.BoxOwner)}
	must(migrations.Portal(ctx, c.owner))
	must(migrations.Box(ctx, c.boxOwner))
	c.portal, c.box = open(d.Portal), pgtest.Box{Owner: c.boxOwner, Cast: open(d.Cast), Tally: open(d.Tally)}
	must(c.owner.Get(&c.folder, `SHOW data_directory`))
	return c
}

// hits counts how many pairs (rater i, slot j) of a guess are right: guess lists
// slots in the order of the raters.
func hits(raters, slots []string, truth map[string]string) int {
	n := 0
	for i, r := range raters {
		if i < len(slots) && truth[r] == slots[i] {
			n++
		}
	}
	return n
}

// order sorts the keys by where their bytes first stand in a text; those that are
// nowhere are left out.
func order(text []byte, keys []string) []string {
	at := map[string]int{}
	var found []string
	for _, k := range keys {
		raw, _ := hex.DecodeString(k)
		if i := bytes.Index(text, raw); i >= 0 {
			at[k] = i
			found = append(found, k)
		}
	}
	slices.SortFunc(found, func(a, b string) int { return at[a] - at[b] })
	return found
}

// everything reads all files below a folder, in the order of their names.
func everything(t *testing.T, folder string) []byte {
	t.Helper()
	var out []byte
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // a file that went away meanwhile
		}
		b, err := os.ReadFile(path)
		if err == nil {
			out = append(out, b...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// limit: of 400 random pairs one is right on average, ten or more in one case of
// nine million (Poisson with mean 1); a leak of one pair in forty is seen.
const limit = 10

// TestNobodyCanLinkABallotToARater: 400 raters collect a card, and cast in another
// order on another day. No trace the server keeps leads from one to the other.
func TestNobodyCanLinkABallotToARater(t *testing.T) {
	c := newCluster(t)
	w := newWorldIn(t, c.portal, c.box, "D01", "D02")
	ctx := t.Context()
	for i := 47; len(w.raters["G1"]) < raterCount; i++ {
		w.raters["G1"] = append(w.raters["G1"], w.company(i, "G1"))
	}
	w.at("2026-12-01 08:00")
	id, err := w.eval.CreateCampaign(ctx, w.gov, evaluation.CampaignDraft{Year: 2026, Kind: "year_end", CardFrom: "2026-12-01", CardUntil: "2026-12-20", CastFrom: "2026-12-01", CastUntil: "2026-12-20"}, w.key())
	w.must("plan", err)
	_, shares, err := w.eval.MakeKey(ctx, w.gov, id, evaluation.KeyDraft{Threshold: 2, Holders: []string{"a", "b", "c"}})
	w.must("key", err)
	w.must("rehearse", w.eval.Rehearse(ctx, w.watch, w.party, id, []string{shares[0].Text(), shares[1].Text()}))
	w.must("open", w.eval.Open(ctx, w.gov, id))

	// the truth, which only the raters know: tag → slot
	truth := map[string]string{}
	secrets := make([]ballotbox.Secret, raterCount)
	cards := make([]ballotbox.Card, raterCount)
	w.at("2026-12-02 09:00")
	for _, i := range rand.Perm(raterCount) {
		secrets[i] = ballotbox.Draw()
		seat, err := w.eval.Seat(ctx, w.raters["G1"][i], id)
		w.must("seat", err)
		cards[i], err = w.eval.Collect(ctx, w.raters["G1"][i], id, secrets[i])
		w.must("collect", err)
		truth[hex.EncodeToString(secrets[i].Tag(id, seat.Rater))] = hex.EncodeToString(secrets[i].Slot(id))
	}
	w.at("2026-12-09 09:00")
	const canary = "CANARYCOMMENT"
	same := answers(t, 80)
	for n, i := range rand.Perm(raterCount) {
		ballot := ballotbox.Ballot{Lines: []ballotbox.Line{{Unit: w.units["D01"], Answers: same, Comment: fmt.Sprint(canary, i)}}}
		_, err := w.box.Cast(ctx, cards[i], ballot, fmt.Sprint("CANARYWORD", i), w.key())
		w.must("cast", err)
		if n%100 == 99 {
			w.must("batch", w.box.IntegrateNow(ctx, id))
		}
	}
	a := attacker{t: t, c: c, truth: truth}
	a.look()
	// nothing that was on a card or in a ballot stands anywhere on the server
	dump := everything(t, c.folder)
	for i := range raterCount {
		text := strings.ReplaceAll(cards[i].Text(), "-", "")
		for what, trace := range map[string][]byte{"secret": secrets[i][:], "secret in hex": []byte(secrets[i].Hex()), "card": []byte(text), "card as printed": []byte(cards[i].Text()),
			"comment": []byte(fmt.Sprint(canary, i, `"`)), "word": []byte(fmt.Sprint("CANARYWORD", i)), "answers": []byte(`"I1":"s"`)} {
			if bytes.Contains(dump, trace) {
				t.Fatalf("a %s stands in a file of the server", what)
			}
		}
	}
	w.must("close", w.eval.Close(ctx, w.gov, id))
	w.must("tally", w.eval.Tally(ctx, w.party, w.watch, id, []string{shares[1].Text(), shares[2].Text()}))
	a.look() // and neither after the close and the tally
}

// attacker tries every trace for pairs.
type attacker struct {
	t     *testing.T
	c     cluster
	truth map[string]string
}

type row struct {
	Key string `db:"key"`
	X   int64  `db:"x"`
}

func (a attacker) rows(db *sqlx.DB, q string) []row {
	a.t.Helper()
	var out []row
	if err := db.Select(&out, q); err != nil {
		a.t.Fatal(err)
	}
	return out
}

func keysOf(rows []row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Key
	}
	return out
}

func (a attacker) look() {
	a.t.Helper()
	if _, err := a.c.owner.Exec(`CHECKPOINT`); err != nil {
		a.t.Fatal(err)
	}
	register := a.rows(a.c.owner, `SELECT encode(tag, 'hex') AS key, xmin::text::bigint AS x FROM card_issue ORDER BY ctid`)
	box := a.rows(a.c.boxOwner, `SELECT encode(slot, 'hex') AS key, xmin::text::bigint AS x FROM box ORDER BY ctid`)
	if len(register) != raterCount || len(box) != raterCount {
		a.t.Fatalf("%d cards, %d ballots", len(register), len(box))
	}
	tags, slots := keysOf(register), keysOf(box)
	guesses := map[string]int{"physical order of both tables": hits(tags, slots, a.truth)}
	for d := int64(-2); d <= 2; d++ {
		guesses[fmt.Sprintf("transaction number %+d", d)] = byTransaction(register, box, d, a.truth)
	}
	wal := everything(a.t, filepath.Join(a.c.folder, "pg_wal"))
	cast := order(wal, slots)
	if len(cast) < raterCount*9/10 || len(order(wal, tags)) < raterCount*9/10 {
		a.t.Fatalf("the write-ahead log shows %d casts and %d cards: the attack does not see what it should", len(cast), len(order(wal, tags)))
	}
	guesses["order in the write-ahead log"] = hits(order(wal, tags), cast, a.truth)
	guesses["register against the casting order of the write-ahead log"] = hits(tags, cast, a.truth)
	reversed := slices.Clone(cast)
	slices.Reverse(reversed)
	guesses["the casting order reversed"] = hits(tags, reversed, a.truth)
	files := everything(a.t, filepath.Join(a.c.folder, "base"))
	guesses["order in the files of a base backup"] = hits(order(files, tags), order(files, slots), a.truth)
	a.t.Logf("%v", guesses)
	for what, n := range guesses {
		if n >= limit {
			a.t.Errorf("%s: %d of %d pairs found, chance gives one", what, n, raterCount)
		}
	}
}

// byTransaction pairs rows whose transaction numbers differ by d.
func byTransaction(register, box []row, d int64, truth map[string]string) int {
	by := map[int64][]string{}
	for _, b := range box {
		by[b.X] = append(by[b.X], b.Key)
	}
	n := 0
	for _, r := range register {
		if c := by[r.X+d]; len(c) == 1 && truth[r.Key] == c[0] {
			n++
		}
	}
	return n
}

// TestTheAttackerFindsANaiveSchema: the same attacker, given two tables without a
// common key that are written in one transaction, or in two, finds all pairs.
func TestTheAttackerFindsANaiveSchema(t *testing.T) {
	c := newCluster(t)
	if _, err := c.owner.Exec(`CREATE TABLE naive_register (tag bytea, at timestamptz); CREATE TABLE naive_ballot (slot bytea)`); err != nil {
		t.Fatal(err)
	}
	truth := map[string]string{}
	for range raterCount {
		s := ballotbox.Draw()
		tag, slot := s.Tag(1, 1), s.Slot(1)
		truth[hex.EncodeToString(tag)] = hex.EncodeToString(slot)
		if err := postgres.InTx(t.Context(), c.owner, func(tx *sqlx.Tx) error {
			if _, err := tx.Exec(`INSERT INTO naive_register VALUES ($1, $2)`, tag, time.Now()); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO naive_ballot VALUES ($1)`, slot)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	a := attacker{t: t, c: c, truth: truth}
	register := a.rows(c.owner, `SELECT encode(tag, 'hex') AS key, xmin::text::bigint AS x FROM naive_register ORDER BY ctid`)
	box := a.rows(c.owner, `SELECT encode(slot, 'hex') AS key, xmin::text::bigint AS x FROM naive_ballot ORDER BY ctid`)
	if n := hits(keysOf(register), keysOf(box), truth); n != raterCount {
		t.Errorf("by physical order %d of %d", n, raterCount)
	}
	if n := byTransaction(register, box, 0, truth); n != raterCount {
		t.Errorf("by transaction number %d of %d", n, raterCount)
	}
	wal := everything(t, filepath.Join(c.folder, "pg_wal"))
	tags, slots := order(wal, keysOf(register)), order(wal, keysOf(box))
	if len(tags) < raterCount*9/10 || len(slots) < raterCount*9/10 {
		t.Errorf("the write-ahead log shows %d and %d rows", len(tags), len(slots))
	}
}
