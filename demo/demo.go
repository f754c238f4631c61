// Package demo makes a whole synthetic county, deterministic from a seed, for
// trying the portal out, for load tests and for screenshots. It writes through
// the same domain methods as people use, under a clock of its own that it moves
// through last year and this one. Companies, people, opinions and figures are
// invented and say so in their names.
package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	domain "pingyi/county"
	"sync"
	"time"

	"pingyi/calendar"
	"pingyi/org"
)

// Size says how large the county is.
type Size struct {
	Companies int
	Seed      int64
}

// ErrNotEmpty: there is a county in the database already.
var ErrNotEmpty = errors.New("the database is not empty; the demo county goes into an empty one only")

// Clock is the county's time while it is being made.
type Clock struct {
	mu sync.Mutex
	at time.Time
	// Real is the moment at which the county is to arrive.
	Real time.Time
}

// NewClock returns a clock that will end at now.
func NewClock(now time.Time) *Clock { return &Clock{at: now, Real: now} }

// Now returns the county's present moment.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// set moves the clock to an hour of a day in Shanghai, never past the real moment.
func (c *Clock) set(day calendar.Date, hour, minute int) {
	at := day.Time().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.Real) {
		at = c.Real
	}
	c.at = at
}

// county is the state of a county being made.
type county struct {
	domain.Stores
	ctx   context.Context
	clock *Clock
	rnd   *rand.Rand
	size  Size
	n     int
	logf  func(string, ...any)

	units     []org.Unit
	byCode    map[string]org.Unit
	officers  map[org.UnitID]org.Actor
	quality   map[org.UnitID]float64
	companies []member
	bodies    map[org.BodyKind]org.Body
	people    map[string]org.Actor
	persons   []member             // raters of G3 to G5
	raisedBy  map[string]org.Actor // who raised an issue, by its reference
	policy    string               // number of the policy that promises cite
	shares    []string             // two shares of the present campaign's tally key
}

// member is a rater of the county: a company's person or a person.
type member struct {
	actor   org.Actor
	lenient float64 // how much kinder than others
	contact org.UnitID
}

// Load makes the county; that it is whole the caller notes, when it is safely
// kept. It refuses a database that is not empty.
func Load(ctx context.Context, s domain.Stores, clock *Clock, size Size, logf func(string, ...any)) error {
	if size.Companies < 60 || size.Companies > 5000 {
		return fmt.Errorf("%d companies: 60 to 5000 are possible", size.Companies)
	}
	began := time.Now()
	ok, err := s.Org.BeginDemo(ctx, size.Seed)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNotEmpty
	}
	c := &county{Stores: s, ctx: ctx, clock: clock, size: size, logf: logf, rnd: rand.New(rand.NewPCG(uint64(size.Seed), 62)),
		byCode: map[string]org.Unit{}, officers: map[org.UnitID]org.Actor{}, quality: map[org.UnitID]float64{}, bodies: map[org.BodyKind]org.Body{}, people: map[string]org.Actor{}, raisedBy: map[string]org.Actor{}}
	today := calendar.DateOf(clock.Real)
	last := today.Year() - 1
	logf("demo county: units, people and %d companies", size.Companies)
	c.clock.set(calendar.Date(fmt.Sprintf("%d-01-05", last)), 9, 0)
	for _, step := range []func() error{c.makeUnits, c.makePeople, c.makeCompanies} {
		if err := step(); err != nil {
			return err
		}
	}
	logf("demo county: the year %d", last)
	if err := c.year(last, calendar.Date(fmt.Sprintf("%d-12-31", last))); err != nil {
		return err
	}
	if err := c.referrals(last); err != nil {
		return err
	}
	if err := c.result(last); err != nil {
		return err
	}
	logf("demo county: the year %d so far", last+1)
	if err := c.year(last+1, today); err != nil {
		return err
	}
	if err := c.conclude(last, today); err != nil {
		return err
	}
	if err := c.commend(last); err != nil {
		return err
	}
	if err := c.calledIn(last, today); err != nil {
		return err
	}
	if err := c.waiting(today); err != nil {
		return err
	}
	if err := c.lives(today); err != nil {
		return err
	}
	if err := c.passing(today); err != nil {
		return err
	}
	if err := c.policies(today); err != nil {
		return err
	}
	if err := c.rectified(today); err != nil {
		return err
	}
	if err := c.promise(today); err != nil {
		return err
	}
	if err := c.suggest(today); err != nil {
		return err
	}
	if err := c.collective(today); err != nil {
		return err
	}
	if err := c.checked(today); err != nil {
		return err
	}
	if err := c.onestop(today); err != nil {
		return err
	}
	if err := c.anonymous(today); err != nil {
		return err
	}
	if err := c.shielded(today); err != nil {
		return err
	}
	if err := c.running(today); err != nil {
		return err
	}
	if err := c.ledger(); err != nil {
		return err
	}
	if err := c.promote(today); err != nil {
		return err
	}
	if err := c.makeProjects(); err != nil {
		return err
	}
	if err := c.makeContacts(); err != nil {
		return err
	}
	if err := c.makeSponsors(today); err != nil {
		return err
	}
	if err := c.makePlan(today); err != nil {
		return err
	}
	if err := c.makeMeetings(today); err != nil {
		return err
	}
	c.clock.mu.Lock()
	c.clock.at = c.clock.Real
	c.clock.mu.Unlock()
	if err := c.book(today); err != nil {
		return err
	}
	if err := c.delegation(today); err != nil {
		return err
	}
	if _, err := s.Feedback.EscalateOverdue(ctx); err != nil {
		return err
	}
	if err := c.messages(); err != nil {
		return err
	}
	if _, err := s.Documents.MakeLetters(ctx); err != nil {
		return err
	}
	logf("demo county: ready after %.1f s", time.Since(began).Seconds())
	return nil
}

// key is a one-time key of the county's own.
func (c *county) key() string {
	c.n++
	return fmt.Sprintf("demo-%d-%08d", c.size.Seed, c.n)
}

func (c *county) chance(p float64) bool { return c.rnd.Float64() < p }

func pick[T any](c *county, list []T) T { return list[c.rnd.IntN(len(list))] }

// level draws an answer around a mean of 0 to 100.
func (c *county) level(mean float64) string {
	switch x := mean + c.rnd.NormFloat64()*16; {
	case x >= 90:
		return "vs"
	case x >= 72:
		return "s"
	case x >= 50:
		return "b"
	case x >= 22:
		return "d"
	}
	return "vd"
}
