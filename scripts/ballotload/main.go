// Command ballotload casts many ballots on the ballot host of a portal on this
// machine and prints how many a second it took and how long a post lasted. It
// makes its own cards from the key folder of the data folder, so it is for load
// tests of a demo county only. See docs/performance.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pingyi/evaluation/ballotbox"
)

func main() {
	host := flag.String("host", "http://127.0.0.1:8080", "the ballot host")
	keys := flag.String("keys", "/var/lib/pingyi/keys", "the key folder")
	campaign := flag.Int64("campaign", 4, "the open campaign")
	clients := flag.Int("clients", 32, "posts under way at once")
	ballots := flag.Int("ballots", 6000, "ballots in all")
	units := flag.Int("units", 10, "units rated on a ballot, numbered from 1")
	receipts := flag.Bool("receipts", false, "fetch the page of each receipt, too, as a browser does")
	flag.Parse()
	l := load{*host, ballotbox.CampaignID(*campaign), *clients, *ballots, *units, *receipts}
	if err := l.run(*keys); err != nil {
		fmt.Fprintln(os.Stderr, "ballotload:", err)
		os.Exit(1)
	}
}

// form is a whole ballot as the last page posts it.
func form(card ballotbox.Card, units, n int) url.Values {
	f := url.Values{"lang": {"zh-CN"}, "card": {card.Text()}, "go": {"cast"}, "declare": {"1"}, "word": {"load test"}, "idem": {fmt.Sprintf("load-%d-%d", os.Getpid(), n)}}
	levels := []string{"vs", "s", "b", "s"}
	for u := 1; u <= units; u++ {
		f.Add("pick", fmt.Sprint(u))
		for i := 1; i <= 8; i++ {
			f.Set(fmt.Sprintf("u%d.I%d", u, i), levels[(u+i+n)%len(levels)])
		}
	}
	return f
}

// load is what is to be cast.
type load struct {
	host                    string
	campaign                ballotbox.CampaignID
	clients, ballots, units int
	receipts                bool
}

func (l load) run(keyDir string) error {
	if !strings.HasPrefix(l.host, "http://127.0.0.1:") && !strings.HasPrefix(l.host, "http://localhost:") {
		return errors.New("only a portal on this machine may be loaded")
	}
	keys, err := ballotbox.NewKeys(keyDir)
	if err != nil {
		return err
	}
	bodies := make([]string, l.ballots)
	for i := range bodies {
		card, err := keys.Issue(l.campaign, "G1", ballotbox.Draw())
		if err != nil {
			return err
		}
		bodies[i] = form(card, l.units, i).Encode()
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: l.clients}, Timeout: 30 * time.Second}
	if !l.receipts {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	took := make([]time.Duration, l.ballots)
	var next, failed atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range l.clients {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= l.ballots {
					return
				}
				start := time.Now()
				if err := post(client, fmt.Sprintf("%s/b/%d", l.host, l.campaign), bodies[i]); err != nil && failed.Add(1) == 1 {
					fmt.Fprintln(os.Stderr, "ballotload:", err)
				}
				took[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	all := time.Since(began)
	slices.Sort(took)
	at := func(p float64) time.Duration { return took[int(p*float64(l.ballots-1))].Round(10 * time.Microsecond) }
	fmt.Printf("%d ballots of %d units, %d clients: %.0f a second; p50 %v, p99 %v, longest %v; %d refused\n",
		l.ballots, l.units, l.clients, float64(l.ballots)/all.Seconds(), at(0.5), at(0.99), took[l.ballots-1].Round(10*time.Microsecond), failed.Load())
	return nil
}

func post(client *http.Client, address, body string) error {
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}
