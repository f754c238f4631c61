package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"pingyi/locale"
)

// letterTime is how long one letter may take in all; well below the lease.
const letterTime = 5 * time.Minute

// every is how often the portal looks for something to tell.
const every = 5 * time.Second

// Run sends what there is to send until ctx ends; a letter under way is finished.
// Several processes may run at once: each letter is taken by one.
func (s *Store) Run(ctx context.Context, log *slog.Logger, carriers map[Channel]Carrier) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.Once(ctx, log, carriers); err != nil && ctx.Err() == nil {
			log.Error("send messages", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once does what is due now: plans notices, makes summaries, looks after letters of
// processes that died, and sends.
func (s *Store) Once(ctx context.Context, log *slog.Logger, carriers map[Channel]Carrier) error {
	channels := slices.Sorted(maps.Keys(carriers))
	for n := planBatch; n == planBatch; {
		var err error
		if n, err = s.plan(ctx, channels); err != nil {
			return err
		}
	}
	if carriers[Email] != nil {
		if err := s.digests(ctx); err != nil {
			return err
		}
	}
	if n, err := s.recover(ctx); err != nil {
		return err
	} else if n > 0 {
		log.Warn("letters were left by a process that ended", "letters", n)
	}
	for _, ch := range channels {
		if err := s.channel(ctx, log, ch, carriers[ch]); err != nil {
			return err
		}
	}
	return nil
}

// channel sends what is due by one channel, until nothing is or it cannot be reached.
func (s *Store) channel(ctx context.Context, log *slog.Logger, ch Channel, c Carrier) error {
	rests, err := s.resting(ctx, ch)
	if err != nil || rests {
		return err
	}
	defer c.Rest()
	n, err := s.names(ctx)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		d, what, err := s.take(ctx, ch)
		switch {
		case err != nil:
			return err
		case what == nothing:
			return nil
		case what == skipped:
			continue
		}
		failure, err := s.send(context.WithoutCancel(ctx), d, c, n)
		if err != nil {
			return err
		}
		if failure != nil {
			log.Warn("letter not taken", "delivery", d.ID, "channel", string(ch), "attempt", d.Attempts, "error", failure)
			if outcomeOf(failure, false) == Unreachable {
				return nil
			}
		}
	}
	return nil
}

// send carries one letter that this process has taken, and notes what became of it.
// failure is what the other side said, err what went wrong on ours.
func (s *Store) send(ctx context.Context, d delivery, c Carrier, n names) (failure, err error) {
	l, needed, err := s.write(ctx, d, n)
	if err != nil {
		return nil, err
	}
	if !needed {
		return nil, s.drop(ctx, d)
	}
	handed := false
	timed, cancel := context.WithTimeout(ctx, letterTime)
	defer cancel()
	failure = c.Carry(timed, l, func() error {
		if err := s.hand(timed, d); err != nil {
			return err
		}
		handed = true
		return nil
	})
	if errors.Is(failure, errLost) {
		return nil, nil
	}
	// what the other side said must not be forgotten because our database is away for a moment
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		if err = s.end(ctx, d, failure, handed); err == nil || wait > 10*time.Second {
			return failure, err
		}
		time.Sleep(wait)
	}
}

// write makes the letter in the language of its receiver; needed is false for a
// summary in which nothing is left.
func (s *Store) write(ctx context.Context, d delivery, n names) (l Letter, needed bool, err error) {
	t := s.cat.In(langOf(d))
	l = Letter{Ref: d.Ref, To: d.address(), Name: d.Name, Lang: t.Lang()}
	greeting, choices := t.T("message.mail-greeting-nobody"), ""
	if d.Name != "" {
		greeting = t.T("message.mail-greeting", "Name", d.Name)
	}
	if d.Account != 0 {
		choices = s.base + "/account/messages"
	}
	if d.Notice == 0 {
		return s.writeDigest(ctx, d, n, t, l, greeting, choices)
	}
	w := say(t, d.Kind, d.args(), n)
	l.Subject = w.Subject
	if d.Channel == SMS {
		l.Text = smsText(w.Subject, s.link(d))
		return l, true, nil
	}
	l.Text = mailText(t, w, greeting, s.link(d), choices)
	return l, true, nil
}

func (s *Store) writeDigest(ctx context.Context, d delivery, n names, t *locale.Translator, l Letter, greeting, choices string) (Letter, bool, error) {
	all, err := s.digest(ctx, d.ID)
	if err != nil {
		return l, false, err
	}
	var entries []digestEntry
	for _, one := range all {
		one.Account = d.Account
		entries = append(entries, digestEntry{words: say(t, one.Kind, one.args(), n), Link: s.link(one)})
	}
	l.Subject = t.T("message.digest-subject", "Count", len(entries))
	l.Text = digestText(t, entries, greeting, choices)
	return l, len(entries) > 0, nil
}

// link is the address that leads to the page of a message: through the receiver's
// inbox, after signing in, or to the portal where nobody can sign in yet.
func (s *Store) link(d delivery) string {
	if d.Account == 0 {
		return s.base + "/"
	}
	return s.base + "/m/" + strconv.FormatInt(d.Notice, 10)
}

// langOf is the language of a receiver: the account's, or what a company from there
// most likely reads.
func langOf(d delivery) string {
	switch {
	case d.Lang != "":
		return d.Lang
	case d.Origin == "russia":
		return locale.Russian
	case d.Origin == "foreign":
		return locale.English
	}
	return locale.Chinese
}

// MessageID is the name of a letter in the world of e-mail, made from the delivery:
// the same letter sent twice has the same name.
func MessageID(ref, host string) string { return fmt.Sprintf("<%s@%s>", ref, host) }
