// Package fault holds the errors a user may read. A fault carries a kind, which
// decides the HTTP status, and a message key with its arguments, which is
// translated last, on the page. Every other error is ours to log, not theirs to
// read.
package fault

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// Kind says what sort of trouble it is, in terms a domain package knows.
type Kind int

const (
	// Invalid: the input cannot be accepted as it stands; Fields says where.
	Invalid Kind = iota + 1
	// NotFound: the thing does not exist, or the actor may not know that it does.
	NotFound
	// Forbidden: the actor may know of the thing but not do this to it.
	Forbidden
	// Conflict: the thing is no longer in the state the act needs.
	Conflict
	// Gone: it existed and its time is over (an expired code, a closed campaign).
	Gone
	// TooMany: the actor must wait before trying again.
	TooMany
	// TooLarge: more was sent than is accepted.
	TooLarge
	// Unavailable: nothing is wrong with the request; try again shortly.
	Unavailable
)

// Text is a message key with its named arguments. Arguments are alternating
// names and values, as Translator.T of package locale takes them.
type Text struct {
	Key  string
	Args []any
}

// Fields holds, for each field of a form, what is wrong with it.
type Fields map[string]Text

// Add records a problem with a field; the first problem of a field stays.
func (f Fields) Add(field, key string, args ...any) {
	if _, taken := f[field]; !taken {
		f[field] = Text{Key: key, Args: args}
	}
}

// Err returns the problems as one Invalid fault, or nil when there are none.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Fault{Kind: Invalid, Text: Text{Key: "error.invalid"}, Fields: f}
}

// Fault is an error a user may read.
type Fault struct {
	Kind   Kind
	Text   Text
	Fields Fields // problems by field, for Kind Invalid
}

// New returns a fault to be declared once and compared with errors.Is.
func New(kind Kind, key string, args ...any) *Fault {
	return &Fault{Kind: kind, Text: Text{Key: key, Args: args}}
}

// With returns a copy of the fault with message arguments; errors.Is still
// finds the original, because faults are equal when kind and key are.
func (f *Fault) With(args ...any) *Fault {
	c := *f
	c.Text.Args = args
	return &c
}

// Field returns a single field's problem as a fault.
func Field(field, key string, args ...any) error {
	return Fields{field: {Key: key, Args: args}}.Err()
}

func (f *Fault) Error() string {
	if len(f.Fields) == 0 {
		return f.Text.Key
	}
	parts := make([]string, 0, len(f.Fields))
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		parts = append(parts, name+"="+f.Fields[name].Key)
	}
	return f.Text.Key + ": " + strings.Join(parts, ", ")
}

// Is reports whether target is a fault of the same kind and key.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Kind == f.Kind && t.Text.Key == f.Text.Key
}

// Of returns the fault inside err, or nil when err is not for a user to read.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// FieldsOf returns the field problems inside err, nil when there are none.
func FieldsOf(err error) Fields {
	if f := Of(err); f != nil {
		return f.Fields
	}
	return nil
}

// ErrNotFound is the answer for what does not exist and for what the actor may
// not see: the two must look alike.
var ErrNotFound = New(NotFound, "error.not-found")

// ErrForbidden: the actor may see the thing but not do this.
var ErrForbidden = New(Forbidden, "error.forbidden")
