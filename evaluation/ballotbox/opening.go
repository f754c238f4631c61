package ballotbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"slices"

	"pingyi/evaluation/tallykey"
	"pingyi/merkle"
)

// Sealed is a ballot of the counted set as it comes out of the box.
type Sealed struct {
	Index int64  `json:"index"` // place in the log
	Box   []byte `json:"sealed"`
}

// Sealed returns the sealed ballots of a counted set.
func (b *Box) Sealed(ctx context.Context, c CampaignID, set CountedSet) ([]Sealed, error) {
	rows, err := b.keeper.QueryContext(ctx, `SELECT idx, sealed FROM box WHERE campaign = $1 ORDER BY idx`, c)
	if err != nil {
		return nil, fmt.Errorf("read sealed ballots: %w", plain(err))
	}
	defer func() { _ = rows.Close() }()
	var out []Sealed
	for rows.Next() {
		var s Sealed
		if err := rows.Scan(&s.Index, &s.Box); err != nil {
			return nil, fmt.Errorf("read a sealed ballot: %w", plain(err))
		}
		if _, ok := slices.BinarySearch(set.Index, s.Index); ok {
			out = append(out, s)
		}
	}
	return out, plain(rows.Err())
}

// TallyError names the ballot at which a tally stops.
type TallyError struct {
	Index int64 // place in the log, from 0
	Why   Why
}

// Error says it for the log and the command line.
func (e *TallyError) Error() string {
	return fmt.Sprintf("ballot %d of the log: %s", e.Index, whyText[e.Why])
}

// Why says what is wrong with a ballot at the tally.
type Why string

// What can be wrong.
const (
	WhyMissing    Why = "missing"
	WhyAdditional Why = "additional"
	WhySealed     Why = "sealed"
	WhyCommit     Why = "commit"
	WhyForm       Why = "form"
	WhyPlace      Why = "place"
	WhyTwice      Why = "twice"
	WhyNotLast    Why = "not-last"
	WhyNotCounted Why = "not-counted"
)

// whyText says it in words, for the command line; pages have their own.
var whyText = map[Why]string{
	WhyMissing:    "missing among the sealed ballots",
	WhyAdditional: "not in the counted set",
	WhySealed:     "cannot be opened: it was changed or sealed to another key",
	WhyCommit:     "says something else than the log committed to",
	WhyForm:       "is not in the form ballots are written in",
	WhyPlace:      "belongs to another campaign or group",
	WhyTwice:      "comes from a card that another counted ballot came from",
	WhyNotLast:    "counted, but not the last version of its card",
	WhyNotCounted: "the last version of its card, but not counted",
}

// OpenAll opens the counted set and returns the ballots in random order: nothing
// of the log's order is left. It stops with a TallyError at a ballot that was
// changed, is missing or does not belong there.
func OpenAll(set CountedSet, leaves []Leaf, sealed []Sealed, key *tallykey.Key) ([]Payload, error) {
	bySlot := map[string]int64{}
	byIndex := map[int64][]byte{}
	for _, s := range sealed {
		if _, ok := slices.BinarySearch(set.Index, s.Index); !ok {
			return nil, &TallyError{s.Index, WhyAdditional}
		}
		if _, ok := byIndex[s.Index]; ok {
			return nil, &TallyError{s.Index, WhyAdditional}
		}
		byIndex[s.Index] = s.Box
	}
	out := make([]Payload, 0, len(set.Index))
	for _, i := range set.Index {
		box, ok := byIndex[i]
		if !ok || i >= int64(len(leaves)) {
			return nil, &TallyError{i, WhyMissing}
		}
		p, why := openOne(set.Campaign, leaves[i], box, key)
		if why != "" {
			return nil, &TallyError{i, why}
		}
		if _, ok := bySlot[p.Rater]; ok {
			return nil, &TallyError{i, WhyTwice}
		}
		bySlot[p.Rater] = i
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Payload) int { return bytes.Compare([]byte(a.Salt), []byte(b.Salt)) })
	return out, nil
}

// openOne opens a ballot and holds it against its leaf.
func openOne(c CampaignID, leaf Leaf, box []byte, key *tallykey.Key) (p Payload, why Why) {
	body, ok := key.Open(box)
	if !ok {
		return p, WhySealed
	}
	body = unpad(body)
	if !bytes.Equal(CommitTo(body), leaf.Commit) {
		return p, WhyCommit
	}
	p, err := ReadPayload(body)
	if err != nil {
		return p, WhyForm
	}
	if p.Campaign != c || p.Group != leaf.Group || leaf.Campaign != c {
		return p, WhyPlace
	}
	if salt, err := base64.StdEncoding.DecodeString(p.Salt); err != nil || len(salt) != 32 {
		return p, WhyForm
	}
	return p, ""
}

// CheckCounted reports a TallyError at the first place where the counted set is
// not the last version of each slot.
func CheckCounted(set CountedSet, leaves []Leaf) error {
	last := map[string]int64{}
	for i, l := range leaves {
		if at, ok := last[string(l.Slot)]; !ok || leaves[at].Version < l.Version {
			last[string(l.Slot)] = int64(i)
		}
	}
	want := map[int64]bool{}
	for _, i := range last {
		want[i] = true
	}
	for k, i := range set.Index {
		if !want[i] || (k > 0 && set.Index[k-1] >= i) {
			return &TallyError{i, WhyNotLast}
		}
	}
	if len(set.Index) != len(want) {
		for i := range want {
			if _, ok := slices.BinarySearch(set.Index, i); !ok {
				return &TallyError{i, WhyNotCounted}
			}
		}
	}
	return nil
}

// RootOf returns the root of the tree over the leaves.
func RootOf(leaves []Leaf) (merkle.Hash, error) {
	t := &merkle.Tree{}
	for _, l := range leaves {
		if err := t.Add(l.Hash()); err != nil {
			return merkle.Hash{}, err
		}
	}
	return t.Root(t.Size)
}
