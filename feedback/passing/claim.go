package passing

import (
	"strings"

	"pingyi/org"
)

// Claim is one statement of a case's page. It rests on events, and the page links to
// each of them.
type Claim struct {
	Kind   string       // handed, returned, clause, no-clause, unknown-clause, idle, refused, complaint, index
	Events []int64      // what it rests on; never empty
	From   org.UnitID   // of handed and returned
	To     org.UnitID   // of handed, returned, refused
	Owners []org.UnitID // of clause: whose duty the catalogue says it is
	Clause string
	Quote  string
	Days   int
	Open   bool // of idle: it goes on
}

// Claims says what a history shows, each statement with its events: hand-overs and
// returns in their order, the clause each cites or that it cites none, the times
// without a unit in charge, and the index. owners looks a clause up in the catalogue
// of duties; none known: nil.
func Claims(x Index, owners func(clause string) []org.UnitID) []Claim {
	var out []Claim
	var all []int64
	for _, h := range x.Hops {
		c := Claim{Kind: "handed", Events: []int64{h.Proposed}, From: h.From, To: h.To, Quote: h.Text}
		if h.Return() {
			c.Kind, c.Events = "returned", []int64{h.Proposed, h.Earlier}
		} else if h.Done != h.Proposed {
			c.Events = append(c.Events, h.Done)
		}
		all = append(all, h.Proposed)
		out = append(out, c, clauseClaim(h, owners))
	}
	for _, i := range x.Idle {
		if i.Days == 0 {
			continue
		}
		c := Claim{Kind: "idle", Events: []int64{i.From}, Days: i.Days, Open: i.Until == 0}
		if i.Until != 0 {
			c.Events = append(c.Events, i.Until)
		}
		out = append(out, c)
	}
	if len(all) > 0 {
		out = append(out, Claim{Kind: "index", Events: all})
	}
	return out
}

// clauseClaim says which duty a proposal cites, and whether the catalogue knows it.
func clauseClaim(h Hop, owners func(string) []org.UnitID) Claim {
	c := Claim{Kind: "no-clause", Events: []int64{h.Proposed}, From: h.From, To: h.To, Clause: strings.TrimSpace(h.Clause)}
	if c.Clause == "" {
		return c
	}
	c.Kind = "unknown-clause"
	if c.Owners = owners(c.Clause); len(c.Owners) > 0 {
		c.Kind = "clause"
	}
	return c
}
