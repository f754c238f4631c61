package notify

import (
	"context"
	"errors"
	"fmt"
)

// Channel is a way out of the portal.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// Letter is one e-mail or text message, ready to go.
type Letter struct {
	Ref     string // its name outside, always the same for the same delivery
	To      string // address or telephone number
	Name    string // of the receiver
	Lang    string
	Subject string
	Text    string
}

// Carrier takes letters out by one channel. It is used by one goroutine at a time.
type Carrier interface {
	// Carry hands the letter over and returns nil when the other side has taken it,
	// a *Failure otherwise. It calls handing when everything is ready and only the
	// last step is left, after which the other side may have the letter; when handing
	// fails it stops there.
	Carry(ctx context.Context, l Letter, handing func() error) error
	// Rest closes what is open: nothing is to be carried for now.
	Rest()
}

// Outcome says what a failure means for the letter.
type Outcome int

// The outcomes of a failure.
const (
	// Unreachable: the other side cannot be reached or takes nothing from us at all.
	// The letter waits, and so do all others of the channel.
	Unreachable Outcome = iota
	// Later: this letter was refused for now.
	Later
	// Refused: this letter is refused for good.
	Refused
	// Unknown: it was handed over and no answer came. It may have arrived.
	Unknown
)

// Failure is why a letter was not taken.
type Failure struct {
	Outcome Outcome
	Err     error
}

// Error says what the other side said.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Fail makes a failure.
func Fail(o Outcome, format string, args ...any) *Failure {
	return &Failure{Outcome: o, Err: fmt.Errorf(format, args...)}
}

// outcomeOf reads an error of a carrier; one that says nothing about the letter is
// taken as "cannot be reached" before it was handed over, as "unknown" after.
func outcomeOf(err error, handed bool) Outcome {
	var f *Failure
	switch {
	case errors.As(err, &f):
		return f.Outcome
	case handed:
		return Unknown
	}
	return Unreachable
}
