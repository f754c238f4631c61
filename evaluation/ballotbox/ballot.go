package ballotbox

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"pingyi/fault"
	"pingyi/org"
)

// Form is what the ballot host shows of a campaign: all it knows of it.
type Form struct {
	Title      org.Names            `json:"title"`
	Year       int                  `json:"year"`
	Scheme     string               `json:"scheme"` // code and version
	Units      []Unit               `json:"units"`
	Indicators []Item               `json:"indicators"`
	Levels     []string             `json:"levels"`                // best first
	Low        []string             `json:"low"`                   // levels that ask for a reason
	LevelNames map[string]org.Names `json:"level_names,omitempty"` // of levels that are none of the national five
	Reasons    []Item               `json:"reasons"`
}

// Unit is a unit on the ballot.
type Unit struct {
	ID     org.UnitID `json:"id"`
	Code   string     `json:"code"`
	Class  int        `json:"class"`
	Name   org.Names  `json:"name"`
	Duties org.Names  `json:"duties"`
}

// Item is an indicator or a reason in three languages.
type Item struct {
	Code     string    `json:"code"`
	Name     org.Names `json:"name"`
	Question org.Names `json:"question"`
}

// Limits of a ballot.
const (
	MaxComment = 500 // characters, for each unit
	MaxUnits   = 200
	MinWord    = 4 // characters of the rater's own word
	MaxWord    = 32
)

// NotAcquainted is the answer without a value.
const NotAcquainted = "na"

// Ballot is what a rater says of the units he picked: all on one ballot.
type Ballot struct {
	Lines []Line `json:"lines"`
	Paper bool   `json:"paper,omitempty"` // entered from paper by two people
}

// Line is what a ballot says of one unit.
type Line struct {
	Unit    org.UnitID          `json:"unit"`
	Answers map[string]string   `json:"answers"` // level code or "na", by indicator
	Reasons map[string][]string `json:"reasons,omitempty"`
	Comment string              `json:"comment,omitempty"`
	Skipped bool                `json:"skipped,omitempty"` // no dealings with the unit at all
}

// Unit returns the unit of the id, if it stands on the ballot.
func (f *Form) Unit(id org.UnitID) (Unit, bool) {
	for _, u := range f.Units {
		if u.ID == id {
			return u, true
		}
	}
	return Unit{}, false
}

// CheckLine says what is missing or wrong in a line, by field: "I1" and so on,
// "comment". A skipped unit needs nothing.
func (f *Form) CheckLine(l Line) fault.Fields {
	p := fault.Fields{}
	if l.Skipped {
		return p
	}
	for _, ind := range f.Indicators {
		if a := l.Answers[ind.Code]; a != NotAcquainted && !slices.Contains(f.Levels, a) {
			p.Add(ind.Code, "ballot.answer-missing")
		}
	}
	if n := utf8.RuneCountInString(l.Comment); n > MaxComment {
		p.Add("comment", "ballot.comment-long", "Limit", MaxComment, "Have", n)
	}
	return p
}

// Check refuses a ballot that cannot be counted as it stands.
func (f *Form) Check(b Ballot) error {
	rated := 0
	seen := map[org.UnitID]bool{}
	for _, l := range b.Lines {
		if _, ok := f.Unit(l.Unit); !ok || seen[l.Unit] {
			return ErrBallot
		}
		seen[l.Unit] = true
		if !l.Skipped {
			rated++
		}
		if len(f.CheckLine(l)) > 0 {
			return ErrIncomplete
		}
	}
	if rated == 0 || rated > MaxUnits {
		return ErrEmpty
	}
	return nil
}

// Errors of ballots.
var (
	ErrBallot     = fault.New(fault.Invalid, "ballot.unreadable")
	ErrIncomplete = fault.New(fault.Invalid, "ballot.incomplete")
	ErrEmpty      = fault.New(fault.Invalid, "ballot.empty")
	ErrClosed     = fault.New(fault.Gone, "ballot.closed")
	ErrWord       = fault.New(fault.Invalid, "ballot.word-length", "Least", MinWord, "Most", MaxWord)
)

// Payload is what is sealed of a ballot. Rater marks the ballots of one card,
// within one campaign; salt makes equal ballots look different.
type Payload struct {
	Campaign CampaignID `json:"campaign"`
	Scheme   string     `json:"scheme"`
	Group    string     `json:"group"`
	Lines    []Line     `json:"lines"`
	Rater    string     `json:"rater"`            // base64
	Origin   string     `json:"origin,omitempty"` // "paper"
	Salt     string     `json:"salt"`             // base64
}

// encode writes the canonical bytes of a ballot: units in order, only what the
// form asks for, skipped units left out; first without the salt, as the same
// answers always read, then with it, as they are sealed.
func (f *Form) encode(c Card, b Ballot) (plain, salted []byte, err error) {
	p := Payload{Campaign: c.Campaign, Scheme: f.Scheme, Group: c.Group, Rater: base64.StdEncoding.EncodeToString(c.Secret.pseudonym(c.Campaign))}
	if b.Paper {
		p.Origin = "paper"
	}
	for _, l := range b.Lines {
		if l.Skipped {
			continue
		}
		p.Lines = append(p.Lines, f.clean(l))
	}
	slices.SortFunc(p.Lines, func(a, b Line) int { return int(a.Unit - b.Unit) })
	if plain, err = json.Marshal(p); err != nil {
		return nil, nil, fmt.Errorf("encode ballot: %w", err)
	}
	var salt [32]byte
	_, _ = rand.Read(salt[:])
	p.Salt = base64.StdEncoding.EncodeToString(salt[:])
	if salted, err = json.Marshal(p); err != nil {
		return nil, nil, fmt.Errorf("encode ballot: %w", err)
	}
	return plain, salted, nil
}

// clean keeps of a line what the form asks for.
func (f *Form) clean(l Line) Line {
	clean := Line{Unit: l.Unit, Comment: l.Comment, Answers: map[string]string{}}
	for _, ind := range f.Indicators {
		a := l.Answers[ind.Code]
		clean.Answers[ind.Code] = a
		if !slices.Contains(f.Low, a) {
			continue
		}
		for _, r := range f.Reasons {
			if slices.Contains(l.Reasons[ind.Code], r.Code) {
				if clean.Reasons == nil {
					clean.Reasons = map[string][]string{}
				}
				clean.Reasons[ind.Code] = append(clean.Reasons[ind.Code], r.Code)
			}
		}
	}
	return clean
}

// padTo is the block to which a payload is filled up before it is sealed: the length
// of a sealed ballot must not tell how many units were rated or how much was
// written. All 62 units of a county, without comments, fit into one block.
const padTo = 8192

// pad fills a payload up with blanks, which no payload ends in.
func pad(payload []byte) []byte {
	n := (len(payload) + padTo - 1) / padTo * padTo
	return append(bytes.Clone(payload), bytes.Repeat([]byte{' '}, n-len(payload))...)
}

// unpad takes off what pad added.
func unpad(padded []byte) []byte { return bytes.TrimRight(padded, " ") }

// ReadPayload reads an opened ballot; nothing but the bytes encode writes is one.
func ReadPayload(body []byte) (Payload, error) {
	var p Payload
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return p, fmt.Errorf("read ballot: %w", err)
	}
	if again, err := json.Marshal(p); err != nil || !bytes.Equal(again, body) {
		return p, errors.New("read ballot: not in canonical form")
	}
	return p, nil
}
