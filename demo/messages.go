package demo

import (
	"context"
	"log/slog"

	"pingyi/notify"
)

// post stands for a mail server: it takes the first letter, knows nobody at the second
// address, and is cut off before it answers the third.
type post struct{ n int }

// Carry answers by turns.
func (p *post) Carry(_ context.Context, _ notify.Letter, handing func() error) error {
	p.n++
	if p.n == 2 {
		return notify.Fail(notify.Refused, "550 5.1.1 no such user here")
	}
	if err := handing(); err != nil {
		return err
	}
	if p.n == 3 {
		return notify.Fail(notify.Unknown, "no answer after the letter was handed over: connection reset by peer")
	}
	return nil
}

// Rest has nothing to close.
func (p *post) Rest() {}

// messages closes what was told in the past, for nobody is written to about years that
// were made up, and leaves the operator two letters to decide about.
func (c *county) messages() error {
	if err := c.Notify.Past(c.ctx); err != nil {
		return err
	}
	for _, m := range c.companies[7:10] {
		a, err := c.Org.Account(c.ctx, m.actor, m.actor.Account)
		if err != nil {
			return err
		}
		a.Email = a.Login + "@company.example"
		if err := c.Org.SaveOwn(c.ctx, m.actor, a); err != nil {
			return err
		}
		p, err := c.Notify.Preferences(c.ctx, m.actor)
		if err != nil {
			return err
		}
		p.Hours.QuietFrom, p.Hours.QuietUntil = 0, 0 // the county may be made at night
		if err := c.Notify.SavePreferences(c.ctx, m.actor, p); err != nil {
			return err
		}
		if err := c.Notify.Trial(c.ctx, m.actor, c.key()); err != nil {
			return err
		}
	}
	return c.Notify.Once(c.ctx, slog.New(slog.DiscardHandler), map[notify.Channel]notify.Carrier{notify.Email: &post{}})
}
