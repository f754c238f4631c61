package passing

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"pingyi/org"
)

// GapIssues is how many issues of a category must have gone back and forth between
// the same two units within a year before the catalogue's desk is asked to settle
// whose duty it is.
const GapIssues = 3

// Pair is two units, the smaller number first.
type Pair struct{ Low, High org.UnitID }

func pairOf(a, b org.UnitID) Pair { return Pair{min(a, b), max(a, b)} }

// Gap is a structural gap: two units between whom issues of a category keep returning.
type Gap struct {
	Pair     Pair
	Category int
	Issues   []string // references, in the order of the histories
}

// measuredHistory is a history with its index.
type measuredHistory struct {
	ref      string
	category int
	index    Index
}

// gapsOf finds pairs with returns in at least least issues of a category. An issue
// counts once for a pair, however often it went round. A return to a unit is a mutual
// one with the unit that sent it back.
func gapsOf(all []measuredHistory, least int) []Gap {
	type key struct {
		pair     Pair
		category int
	}
	found := map[key][]string{}
	for _, h := range all {
		seen := map[Pair]bool{}
		for _, hop := range h.index.Hops {
			p := pairOf(hop.From, hop.To)
			if hop.Return() && !seen[p] {
				seen[p] = true
				k := key{p, h.category}
				found[k] = append(found[k], h.ref)
			}
		}
	}
	var out []Gap
	for k, refs := range found {
		if len(refs) >= least {
			out = append(out, Gap{Pair: k.pair, Category: k.category, Issues: refs})
		}
	}
	slices.SortFunc(out, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(len(b.Issues), len(a.Issues)), cmp.Compare(a.Pair.Low, b.Pair.Low), cmp.Compare(a.Pair.High, b.Pair.High), cmp.Compare(a.Category, b.Category))
	})
	return out
}

// normalClause makes two writings of a clause the same: without spaces and the marks
// of quotation around a document's name.
func normalClause(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("《》「」“”\"'()()", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
