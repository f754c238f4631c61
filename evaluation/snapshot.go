package evaluation

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"pingyi/org"
)

// SnapshotFormat names the format; docs/snapshot-format.md describes it.
const SnapshotFormat = "pingyi-snapshot/1"

// Snapshot is all a year's ranking follows from: the scheme, the facts of every unit,
// the calendar version the deadlines were counted by, the tallies of the campaigns.
// The ranking is computed from it and from nothing else, so that anyone who has the
// file gets the same ranking to the last digit.
type Snapshot struct {
	Header    Header
	Scheme    *Scheme
	Campaigns []SnapshotCampaign
	Units     []SnapshotUnit
	Fairness  *Fairness // of the required campaign
	Seal      *Seal     // none: a file written by hand
	raw       []byte
	asOf      time.Time // of facts just gathered
	because   []Appeal  // for which sealed facts were put right
}

// Header says what the snapshot is of.
type Header struct {
	Year     int    `json:"year"`
	AsOf     string `json:"as_of"`    // UTC
	Calendar string `json:"calendar"` // version by which deadlines were counted
}

// SnapshotCampaign is a campaign whose tally the facts are from.
type SnapshotCampaign struct {
	Kind      string `json:"kind"`
	Scheme    string `json:"scheme"` // code/version its ballots were counted by
	Counted   int    `json:"counted"`
	LogRoot   string `json:"log_root"`
	TallyHash string `json:"tally_hash"`
}

// SnapshotUnit is a unit with its facts.
type SnapshotUnit struct {
	Unit  org.UnitID `json:"unit"`
	Code  string     `json:"code"`
	Name  org.Names  `json:"name"`
	Class int        `json:"class"`
	Facts Facts      `json:"facts"`
}

// Seal holds SHA-256 hashes, in hex, of the file's parts as their bytes stand there,
// and of the ranking, so that a changed byte is not only noticed but named.
type Seal struct {
	Header    string   `json:"header"`
	Scheme    string   `json:"scheme"`
	Campaigns string   `json:"campaigns"`
	Fairness  string   `json:"fairness"`
	Units     []string `json:"units"` // in the order of the units
	Ranking   string   `json:"ranking"`
}

// sections are the parts of the file as bytes.
type sections struct {
	Format    string            `json:"format"`
	Header    json.RawMessage   `json:"header"`
	Scheme    json.RawMessage   `json:"scheme"`
	Campaigns json.RawMessage   `json:"campaigns"`
	Fairness  json.RawMessage   `json:"fairness"`
	Units     []json.RawMessage `json:"units"`
	Seal      *Seal             `json:"seal,omitempty"`
}

// SnapshotError names the part of a snapshot that is not as it was sealed.
type SnapshotError struct {
	Part string // header, scheme, campaigns, fairness, seal, ranking, "unit CODE", or form: what stands between them
	Why  string
}

func (e *SnapshotError) Error() string { return fmt.Sprintf("snapshot: %s: %s", e.Part, e.Why) }

// ErrChanged is why a part fails its seal.
const changed = "is not as it was sealed"

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Write returns the bytes of the snapshot with its seal.
func (s *Snapshot) Write() ([]byte, error) {
	doc := sections{Format: SnapshotFormat, Seal: &Seal{Units: []string{}}}
	for _, part := range []struct {
		v    any
		into *json.RawMessage
		hash *string
	}{{s.Header, &doc.Header, &doc.Seal.Header}, {s.Scheme, &doc.Scheme, &doc.Seal.Scheme}, {s.Campaigns, &doc.Campaigns, &doc.Seal.Campaigns}, {s.Fairness, &doc.Fairness, &doc.Seal.Fairness}} {
		b, err := json.Marshal(part.v)
		if err != nil {
			return nil, fmt.Errorf("write snapshot: %w", err)
		}
		*part.into, *part.hash = b, hashOf(b)
	}
	for _, u := range s.Units {
		b, err := json.Marshal(u)
		if err != nil {
			return nil, fmt.Errorf("write snapshot: %w", err)
		}
		doc.Units = append(doc.Units, b)
		doc.Seal.Units = append(doc.Seal.Units, hashOf(b))
	}
	_, ranking, err := s.Ranking().Canonical()
	if err != nil {
		return nil, err
	}
	doc.Seal.Ranking = hex.EncodeToString(ranking[:])
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write snapshot: %w", err)
	}
	return b, nil
}

// ReadSnapshot reads a snapshot. Where it carries a seal, every part is held against
// it and a SnapshotError names the first that differs; a file without a seal was
// written by hand and is read as it stands. ErrNoSnapshot is for anything else.
func ReadSnapshot(b []byte) (*Snapshot, error) {
	doc, err := readSections(b)
	if err != nil {
		return nil, err
	}
	if err := doc.check(); err != nil {
		return nil, err
	}
	if doc.Seal != nil {
		if err := doc.sealedForm(b); err != nil {
			return nil, err
		}
	}
	s := &Snapshot{Seal: doc.Seal, raw: b}
	for _, part := range []struct {
		name string
		from json.RawMessage
		into any
	}{{"header", doc.Header, &s.Header}, {"campaigns", doc.Campaigns, &s.Campaigns}, {"fairness", doc.Fairness, &s.Fairness}} {
		if len(part.from) == 0 {
			continue
		}
		if err := strict(part.from, part.into); err != nil {
			return nil, &SnapshotError{part.name, err.Error()}
		}
	}
	if err := strict(doc.Scheme, new(Scheme)); err != nil {
		return nil, &SnapshotError{"scheme", err.Error()}
	}
	if s.Scheme, err = ReadScheme(doc.Scheme); err != nil {
		return nil, &SnapshotError{"scheme", err.Error()}
	}
	seen := map[org.UnitID]bool{}
	for i, raw := range doc.Units {
		var u SnapshotUnit
		if err := strict(raw, &u); err != nil {
			return nil, &SnapshotError{"unit " + strconv.Itoa(i+1), err.Error()}
		}
		if err := s.checkUnit(u, seen); err != nil {
			return nil, &SnapshotError{"unit " + u.Code, err.Error()}
		}
		seen[u.Unit] = true
		s.Units = append(s.Units, u)
	}
	if err := s.Fairness.check(); err != nil {
		return nil, &SnapshotError{"fairness", err.Error()}
	}
	return s, s.checkRanking()
}

func strict(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// check holds the parts against the seal.
func (doc *sections) check() error {
	if doc.Seal == nil {
		return nil
	}
	for _, part := range []struct {
		name string
		b    []byte
		want string
	}{{"header", doc.Header, doc.Seal.Header}, {"scheme", doc.Scheme, doc.Seal.Scheme}, {"campaigns", doc.Campaigns, doc.Seal.Campaigns}, {"fairness", doc.Fairness, doc.Seal.Fairness}} {
		if hashOf(part.b) != part.want {
			return &SnapshotError{part.name, changed}
		}
	}
	if len(doc.Units) != len(doc.Seal.Units) {
		return &SnapshotError{"units", fmt.Sprintf("%d units, %d were sealed", len(doc.Units), len(doc.Seal.Units))}
	}
	for i, b := range doc.Units {
		if hashOf(b) != doc.Seal.Units[i] {
			var u SnapshotUnit
			name := strconv.Itoa(i + 1)
			if json.Unmarshal(b, &u) == nil && u.Code != "" {
				name = u.Code
			}
			return &SnapshotError{"unit " + name, changed}
		}
	}
	return nil
}

// checkUnit refuses facts that cannot be: what the portal's tables would refuse too.
func (s *Snapshot) checkUnit(u SnapshotUnit, seen map[org.UnitID]bool) error {
	f := u.Facts
	switch {
	case u.Unit <= 0 || seen[u.Unit]:
		return errors.New("a unit has a number of its own, above 0")
	case !slices.Contains(org.Classes, u.Class):
		return fmt.Errorf("class %d is unknown", u.Class)
	case f.Sheets.Due < 0 || f.Sheets.Returned < 0 || f.Issues.Responded > f.Issues.All || f.Issues.Solved > f.Issues.All || f.Tasks.Done > f.Tasks.Due:
		return errors.New("a part is larger than its whole")
	case f.Tasks.Target.Known() && f.Tasks.Target.cmp(Frac(0, 1)) <= 0:
		return errors.New("a target is above 0")
	case f.Tasks.Target.Known() != f.Tasks.Arrived.Known():
		return errors.New("target and arrived come together")
	}
	for _, own := range f.Sheets.Companies {
		for _, x := range own {
			if !x.Score.between(0, 100) || x.Quarter < 1 || x.Quarter > 4 {
				return errors.New("a sheet has a score from 0 to 100 and a quarter from 1 to 4")
			}
		}
	}
	for _, x := range f.Panels {
		if !x.Score.between(0, 100) {
			return errors.New("a panel's score is from 0 to 100")
		}
	}
	return nil
}

func (s *Snapshot) checkRanking() error {
	if s.Seal == nil {
		return nil
	}
	_, sum, err := s.Ranking().Canonical()
	if err != nil {
		return err
	}
	if hex.EncodeToString(sum[:]) != s.Seal.Ranking {
		return &SnapshotError{"ranking", "does not follow from the facts"}
	}
	return nil
}

// Hash returns the SHA-256 of the snapshot's bytes.
func (s *Snapshot) Hash() ([32]byte, error) {
	b := s.raw
	if b == nil {
		var err error
		if b, err = s.Write(); err != nil {
			return [32]byte{}, err
		}
	}
	return sha256.Sum256(b), nil
}

// Standings scores the units and ranks them within their classes.
func (s *Snapshot) Standings() []Standing {
	byClass := map[int][]UnitFacts{}
	for i := range s.Units {
		u := &s.Units[i]
		byClass[u.Class] = append(byClass[u.Class], UnitFacts{u.Unit, &u.Facts})
	}
	var out []Standing
	for _, class := range org.Classes {
		if len(byClass[class]) > 0 {
			out = append(out, s.Scheme.Rank(class, byClass[class])...)
		}
	}
	return out
}
