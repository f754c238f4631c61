package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"pingyi/county"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"pingyi/demo"
	"pingyi/job"
	"pingyi/killpoint"
	"pingyi/org"
	"pingyi/org/roster"
	"pingyi/record"
	"pingyi/server"
	"pingyi/witness"
)

// drain is how long requests under way may take when the portal stops.
const drain = 20 * time.Second

// serve runs the portal until ctx ends: databases, stores, demo county where
// asked for, clock, HTTP.
func serve(ctx context.Context, c settings, log *slog.Logger, withDemo bool, out io.Writer) error {
	began := time.Now()
	// The portal needs little memory, so it may collect garbage less often: a post
	// is a fifth faster.
	debug.SetGCPercent(300)
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Addr, err)
	}
	defer func() { _ = listener.Close() }()
	d, err := open(ctx, &c, log, true)
	if err != nil {
		return err
	}
	defer d.close()
	stores, err := wholeCounty(ctx, c, d, withDemo, out)
	if err != nil {
		return err
	}
	ready := func(ctx context.Context) error {
		return errors.Join(d.portal.PingContext(ctx), d.cast.PingContext(ctx))
	}
	notary, err := d.notary(ctx, &c)
	if err != nil {
		return err
	}
	carriers, err := c.carriers()
	if err != nil {
		return err
	}
	jobs := job.NewStore(d.portal, time.Now)
	srv, err := server.New(log, server.Options{Version: version, BaseURL: c.baseURL, BallotURL: c.ballotURL, Secret: c.secret,
		Secure: strings.HasPrefix(c.baseURL, "https://"), Now: time.Now, Ready: ready, OneServer: d.oneServer, Proxies: c.proxies, Channels: slices.Sorted(maps.Keys(carriers))},
		server.Domain{Stores: stores, Record: record.NewStore(d.portal), Notary: notary, Roster: roster.NewStore(d.portal, time.Now), Jobs: jobs, Witness: witness.NewStore(d.portal, time.Now)})
	if err != nil {
		return err
	}
	go clock(ctx, log, stores, notary)
	var working sync.WaitGroup
	working.Go(func() {
		jobs.Run(ctx, log, map[string]job.Work{"import": srv.ImportWork(), "meeting-pack": srv.PackWork(), "year-file": srv.YearFileWork()})
	})
	working.Go(func() { stores.Notify.Run(ctx, log, carriers) })
	greet(ctx, out, c, stores.Org, time.Since(began))
	if err := answer(ctx, log, listener, srv); err != nil {
		return err
	}
	working.Wait()
	return nil
}

// wholeCounty returns the stores over a county that is whole: the demo county is made
// where it was asked for and nothing else is there.
func wholeCounty(ctx context.Context, c settings, d *databases, withDemo bool, out io.Writer) (county.Stores, error) {
	if withDemo {
		err := loadDemo(ctx, c, d, demo.Size{Companies: 400, Seed: 2007}, out)
		if err != nil && !errors.Is(err, demo.ErrNotEmpty) {
			return county.Stores{}, err
		}
	}
	stores, err := d.build(ctx, &c, time.Now, org.Hard)
	if err != nil {
		return stores, err
	}
	half, err := stores.Org.HalfDemo(ctx)
	if err == nil && half {
		err = errHalfDemo
	}
	return stores, err
}

// answer serves requests until ctx ends, then lets those under way finish.
func answer(ctx context.Context, log *slog.Logger, listener net.Listener, srv *server.Server) error {
	h := &http.Server{Handler: srv, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 60 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 60 * time.Second, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	srv.Stopping()
	end, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := h.Shutdown(end); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// clock does what time does by itself: overdue issues climb.
func clock(ctx context.Context, log *slog.Logger, s county.Stores, n *record.Notary) {
	tick := time.NewTicker(killpoint.Tick)
	defer tick.Stop()
	for {
		if err := n.Tick(ctx); err != nil && ctx.Err() == nil {
			log.Error("sign the audit log", "error", err)
		}
		if n, err := s.Evaluation.Integrate(ctx); err != nil && ctx.Err() == nil {
			log.Error("write ballots into the log", "error", err)
		} else if n > 0 {
			log.Info("ballots were written into the log", "logs", n)
		}
		if n, err := s.Passing.Suspect(ctx); err != nil && ctx.Err() == nil {
			log.Error("look for buck-passing", "error", err)
		} else if n > 0 {
			log.Info("cases of suspected buck-passing were opened", "cases", n)
		}
		if n, err := s.Shield.Watch(ctx); err != nil && ctx.Err() == nil {
			log.Error("watch over companies", "error", err)
		} else if n > 0 {
			log.Info("flags were raised for the supervision office", "flags", n)
		}
		if err := s.Shield.TellGlass(ctx); err != nil && ctx.Err() == nil {
			log.Error("tell companies whose names were opened", "error", err)
		}
		if err := s.Passing.FindGaps(ctx); err != nil && ctx.Err() == nil {
			log.Error("look for gaps in duties", "error", err)
		}
		if n, err := s.Feedback.EscalateOverdue(ctx); err != nil && ctx.Err() == nil {
			log.Error("escalate overdue issues", "error", err)
		} else if n > 0 {
			log.Info("overdue issues went to the leading group", "issues", n)
		}
		if n, err := s.Feedback.RemindSheets(ctx); err != nil && ctx.Err() == nil {
			log.Error("remind of sheets and rectifications", "error", err)
		} else if n > 0 {
			log.Info("reminded of sheets and rectifications", "times", n)
		}
		if n, err := s.Documents.MakeLetters(ctx); err != nil && ctx.Err() == nil {
			log.Error("make letters", "error", err)
		} else if n > 0 {
			log.Info("letters went out", "letters", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// greet prints the addresses and, of a demo county, a few of its accounts.
func greet(ctx context.Context, out io.Writer, c settings, s *org.Store, took time.Duration) {
	fmt.Fprintf(out, "\nPingyi is ready after %.1f s.\n  portal:      %s\n  ballot host: %s\n", took.Seconds(), c.baseURL, c.ballotURL)
	if empty, err := s.Empty(ctx); err == nil && empty {
		fmt.Fprintln(out, "\nNobody has an account yet. `pingyi operator` makes the first one.")
	}
	accounts, err := s.DemoAccounts(ctx)
	if err != nil || len(accounts) == 0 {
		return
	}
	fmt.Fprintln(out, "\nDemo accounts (all of them: pingyi demo --accounts):")
	seen := map[org.Role]bool{}
	for _, a := range accounts {
		if !seen[a.Role] {
			seen[a.Role] = true
			fmt.Fprintf(out, "  %-15s %-14s %s\n", a.Role, a.Login, a.DemoWord)
		}
	}
	fmt.Fprintln(out)
}
