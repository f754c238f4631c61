package server

import (
	"slices"
	"unicode"

	"pingyi/ledger"
	"pingyi/templates"
)

// referralTree is the graph of referrals: a sentence, a picture, a table.
type referralTree struct {
	Finding string
	Views   []picture
	Note    string
	Rows    []referralLine
}

// referralLine is an investor of the graph, Depth referrals below the first.
type referralLine struct {
	Name    string
	Lang    string // of the name, where it is not the page's
	Depth   int
	Sum     ledger.BranchSum // what he brought, and by which he came
	Own     []ledger.Link
	Through []bool // for each depth above: more follow there
}

// mostDrawn is how many investors the picture shows; the table has all.
const mostDrawn = 40

func treeOfReferrals(p *templates.Page, links []ledger.Link) referralTree {
	var t referralTree
	chains := ledger.Chains(links)
	if len(chains) == 0 {
		return t
	}
	length, investors := 0, 0
	var all ledger.BranchSum
	for _, b := range chains {
		sum := b.Sum()
		length, investors = max(length, sum.Length), investors+sum.Investors
		all.Contracts += sum.Contracts
		all.Amount += sum.Amount
		all.Arrived += sum.Arrived
		all.Verified += sum.Verified
		t.add(b, p.Lang(), 0, nil)
	}
	first := chains[0]
	t.Finding = p.T("referral.finding", "Chains", len(chains), "Investors", investors, "Contracts", all.Contracts, "Amount", p.Number(all.Amount.String()), "Arrived", p.Number(all.Arrived.String()),
		"Verified", p.Number(all.Verified.String()), "Length", length, "First", first.In(p.Lang()), "FirstArrived", p.Number(first.Sum().Arrived.String()))
	t.Note = p.T("referral.picture-note")
	for _, v := range []struct {
		class        string
		width, runes int
	}{{"only-w", 860, 46}, {"only-n", 360, 28}} {
		t.Views = append(t.Views, t.draw(p, v.class, v.width, v.runes))
	}
	return t
}

func (t *referralTree) add(b *ledger.Branch, lang string, depth int, through []bool) {
	line := referralLine{Name: b.In(lang), Depth: depth, Sum: b.Sum(), Own: b.Contracts, Through: through}
	if b.Company == 0 || line.Name == b.Name.ZH {
		line.Lang = "zh-CN"
	}
	t.Rows = append(t.Rows, line)
	for i, x := range b.Brought {
		t.add(x, lang, depth+1, append(slices.Clone(through), i < len(b.Brought)-1))
	}
}

// draw sets the investors one below another, each to the right of who brought him.
func (t *referralTree) draw(p *templates.Page, class string, width, runes int) picture {
	const row, step, left = 28.0, 22.0, 12.0
	rows := t.Rows[:min(len(t.Rows), mostDrawn)]
	v := picture{Class: class, Width: width, Height: int(row)*len(rows) + 8}
	for i, r := range rows {
		x, y := left+step*float64(r.Depth), row*float64(i)+row/2+4
		if r.Depth > 0 {
			v.line("branch", x-step, y-row, x-step, y)
			v.line("branch", x-step, y, x, y)
		}
		for d, more := range r.Through {
			if more && d < r.Depth-1 {
				v.line("branch", left+step*float64(d), y-row, left+step*float64(d), y)
			}
		}
		v.dot("pt", x, y, 5)
		v.text("", "start", x+11, y+5, shortened(r.Name, runes-2*r.Depth))
		v.text("ax", "end", float64(width)-4, y+5, p.Number(r.Sum.Arrived.String()))
	}
	return v
}

// shortened cuts a text to a width in which a Chinese character counts two.
func shortened(s string, most int) string {
	n := 0
	for i, r := range s {
		if n++; unicode.Is(unicode.Han, r) {
			n++
		}
		if n > most {
			return s[:i] + "…"
		}
	}
	return s
}
