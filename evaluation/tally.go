package evaluation

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/tallykey"
	"pingyi/org"
)

// Tally is what opening a box gives: aggregates by unit and rater group, never a
// line of a ballot. Its canonical form is the sealed fact the year is scored from;
// the same box and scheme give the same bytes on any machine.
type Tally struct {
	Campaign    CampaignID  `json:"campaign"`
	Origin      string      `json:"origin"` // which log
	Scheme      string      `json:"scheme"` // code/version
	SchemeHash  string      `json:"schemeHash"`
	LogSize     int64       `json:"logSize"`
	LogRoot     string      `json:"logRoot"`
	CountedRoot string      `json:"countedRoot"`
	Counted     int         `json:"counted"`
	ByGroup     []GroupSize `json:"byGroup"`
	Units       []UnitTally `json:"units"`
	Fairness    *Fairness   `json:"fairness"`
	Suspicions  []Suspicion `json:"suspicions"`
}

// GroupSize is how many ballots of a group were counted.
type GroupSize struct {
	Group   string `json:"group"`
	Ballots int    `json:"ballots"`
}

// UnitTally is what the counted ballots say of a unit.
type UnitTally struct {
	Unit     org.UnitID     `json:"unit"`
	Class    int            `json:"class"`
	Measures []MeasureFacts `json:"measures"`
	Without  []MeasureFacts `json:"without,omitempty"` // the same without suspect ballots, as far as that shows no single one
	Partial  bool           `json:"partial,omitempty"` // without: some suspect lines still count, fewer than five of their group
	Items    []ItemCount    `json:"items"`
}

// ItemCount is how often a level was answered, over the valid lines of the first
// measure; nothing below five lines.
type ItemCount struct {
	Item  string `json:"item"`
	Level string `json:"level"`
	N     int    `json:"n"`
}

// Canonical returns the bytes of the tally and their SHA-256.
func (t *Tally) Canonical() ([]byte, [32]byte, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return nil, [32]byte{}, fmt.Errorf("write the tally: %w", err)
	}
	return b, sha256.Sum256(b), nil
}

// ReadTally reads a tally; nothing but the canonical bytes is one.
func ReadTally(b []byte) (*Tally, error) {
	var t Tally
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, fmt.Errorf("read the tally: %w", err)
	}
	again, _, err := t.Canonical()
	if err != nil || string(again) != string(b) {
		return nil, errors.New("read the tally: not in canonical form")
	}
	return &t, nil
}

// SealedBox is everything a tally needs but the shares: what the box hands out
// after the close. It goes to a machine without network as one file.
type SealedBox struct {
	Campaign CampaignID         `json:"campaign"`
	Title    org.Names          `json:"title"`
	Origin   string             `json:"origin"`
	LogKey   string             `json:"logKey"`
	TallyKey tallykey.Public    `json:"tallyKey"`
	Scheme   json.RawMessage    `json:"scheme"`
	Units    []BoxUnit          `json:"units"`
	Counted  string             `json:"counted"` // the counted set, signed
	Leaves   []string           `json:"leaves"`
	Ballots  []ballotbox.Sealed `json:"ballots"`
}

// BoxUnit is a unit of the ballot with its class.
type BoxUnit struct {
	Unit  org.UnitID `json:"unit" db:"unit_id"`
	Class int        `json:"class" db:"class"`
}

// Open opens the box with shares and counts it. It stops with a
// ballotbox.TallyError at a ballot that was changed, is missing or does not
// belong there, and with an error of package tallykey when the shares do not open
// it.
func (b *SealedBox) Open(shares ...tallykey.Share) (*Tally, error) {
	set, err := ballotbox.OpenCounted([]byte(b.Counted), b.LogKey)
	if err != nil {
		return nil, fmt.Errorf("counted set: %w", err)
	}
	if set.Campaign != b.Campaign || set.Origin != b.Origin || set.LogSize != int64(len(b.Leaves)) {
		return nil, errors.New("counted set: of another log")
	}
	leaves := make([]ballotbox.Leaf, len(b.Leaves))
	for i, text := range b.Leaves {
		if leaves[i], err = ballotbox.ParseLeaf(text); err != nil {
			return nil, &ballotbox.TallyError{Index: int64(i), Why: ballotbox.WhyForm}
		}
	}
	if err := ballotbox.CheckCounted(set, leaves); err != nil {
		return nil, err
	}
	key, err := b.TallyKey.Combine(shares...)
	if err != nil {
		return nil, err
	}
	payloads, err := ballotbox.OpenAll(set, leaves, b.Ballots, key)
	if err != nil {
		return nil, err
	}
	sc, err := ReadScheme(b.Scheme)
	if err != nil {
		return nil, err
	}
	root, err := ballotbox.RootOf(leaves)
	if err != nil {
		return nil, err
	}
	countedRoot, err := set.Root()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b.Scheme)
	t := &Tally{Campaign: b.Campaign, Origin: b.Origin, Scheme: fmt.Sprintf("%s/%d", sc.Code, sc.Version), SchemeHash: hex.EncodeToString(sum[:]),
		LogSize: set.LogSize, LogRoot: root.String(), CountedRoot: countedRoot.String(), Counted: len(set.Index)}
	sc.count(t, b.Units, payloads)
	return t, nil
}

// unitLines are the opened lines of one unit.
type unitLines struct {
	answers map[string][]map[string]string // by group: what each line answered
	rater   map[string][]int               // by group: the ballot each line is from
}

// count fills the tally from opened ballots, in an order that depends on nothing
// but the numbers of units and the scheme.
func (s *Scheme) count(t *Tally, units []BoxUnit, payloads []ballotbox.Payload) {
	slices.SortFunc(payloads, func(a, b ballotbox.Payload) int { return cmp.Compare(a.Rater, b.Rater) })
	lines := map[org.UnitID]*unitLines{}
	sizes := map[string]int{}
	for k, p := range payloads {
		sizes[p.Group]++
		for _, bl := range p.Lines {
			u := lines[bl.Unit]
			if u == nil {
				u = &unitLines{map[string][]map[string]string{}, map[string][]int{}}
				lines[bl.Unit] = u
			}
			u.answers[p.Group] = append(u.answers[p.Group], bl.Answers)
			u.rater[p.Group] = append(u.rater[p.Group], k)
		}
	}
	for _, g := range s.Groups {
		t.ByGroup = append(t.ByGroup, GroupSize{g.Code, sizes[g.Code]})
	}
	for _, unit := range slices.SortedFunc(slices.Values(units), func(a, b BoxUnit) int { return cmp.Compare(a.Unit, b.Unit) }) {
		u := UnitTally{Unit: unit.Unit, Class: unit.Class, Measures: []MeasureFacts{}, Items: []ItemCount{}}
		if l := lines[unit.Unit]; l != nil {
			u.Measures, u.Items = s.measure(l, nil), s.items(l)
		}
		t.Units = append(t.Units, u)
	}
	s.compareFairly(t, lines, payloads)
}

// measure reads the lines of a unit by every measure; those of ballots left out do
// not count.
func (s *Scheme) measure(l *unitLines, leftOut map[int]bool) []MeasureFacts {
	var out []MeasureFacts
	for _, m := range s.Measures {
		r := s.ruler(m)
		byGroup := map[string][]Line{}
		for group, all := range l.answers {
			for i, answers := range all {
				if !leftOut[l.rater[group][i]] {
					byGroup[group] = append(byGroup[group], r.line(answers))
				}
			}
		}
		out = append(out, MeasureFacts{Measure: m.Code, Groups: s.groupsOf(r, byGroup)})
	}
	return out
}

// items counts the answers of the lines that the first measure counts.
func (s *Scheme) items(l *unitLines) []ItemCount {
	r := s.ruler(s.Measures[0])
	counts, n := map[ItemCount]int{}, 0
	for _, all := range l.answers {
		for _, answers := range all {
			if !r.valid(r.line(answers)) {
				continue
			}
			n++
			for _, ind := range s.Indicators {
				a := answers[ind.Code]
				if _, ok := s.Value(a); !ok {
					a = ballotbox.NotAcquainted
				}
				counts[ItemCount{Item: ind.Code, Level: a}]++
			}
		}
	}
	out := []ItemCount{}
	if n < leastLines {
		return out
	}
	for k, n := range counts {
		k.N = n
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b ItemCount) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Level, b.Level))
	})
	return out
}
