package intake

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Alike is how alike two texts are, from 0 (nothing in common) to 1 (the same words),
// whatever the order of words and their endings. It is Dice's coefficient
// 2·|A∩B| / (|A|+|B|) over what the texts are made of: pairs of adjacent Chinese
// characters, numbers, and words of at least four letters. Two words count as common
// as far as their own pairs of letters agree, by the same coefficient, from one half
// on: so Russian cases and English plurals match, and the pairs of letters that all
// texts of an alphabet share do not.
func Alike(a, b string) float64 {
	x, y := parts(a), parts(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	return (shared(x, y) + shared(y, x)) / float64(len(x)+len(y))
}

// AlikeFrom is the likeness from which two issues are suggested as the same matter.
const AlikeFrom = 0.4

// part is what likeness is counted in: a pair of Chinese characters, a number, or a
// word with its own pairs of letters.
type part struct {
	text  string
	pairs map[string]bool // nil: matches only itself
}

// shared sums, over the parts of x, how well the best part of y matches.
func shared(x, y []part) float64 {
	sum := 0.0
	for _, p := range x {
		best := 0.0
		for _, q := range y {
			best = max(best, p.match(q))
		}
		sum += best
	}
	return sum
}

func (p part) match(q part) float64 {
	if p.text == q.text {
		return 1
	}
	if p.pairs == nil || q.pairs == nil {
		return 0
	}
	common := 0
	for g := range p.pairs {
		if q.pairs[g] {
			common++
		}
	}
	if d := 2 * float64(common) / float64(len(p.pairs)+len(q.pairs)); d >= 0.5 {
		return d
	}
	return 0
}

// parts takes a text apart; each part once.
func parts(text string) []part {
	var out []part
	seen := map[string]bool{}
	add := func(p part) {
		if !seen[p.text] {
			seen[p.text] = true
			out = append(out, p)
		}
	}
	for _, word := range strings.Fields(fold(text)) {
		var run []rune
		flush := func() {
			switch {
			case len(run) == 0:
			case unicode.Is(unicode.Han, run[0]):
				for i := 0; i+1 < len(run); i++ {
					add(part{text: string(run[i : i+2])})
				}
			case unicode.IsDigit(run[0]):
				add(part{text: string(run)})
			case len(run) >= 4:
				p := part{text: string(run), pairs: map[string]bool{}}
				for i := 0; i+1 < len(run); i++ {
					p.pairs[string(run[i:i+2])] = true
				}
				add(p)
			}
			run = run[:0]
		}
		for _, r := range word {
			if len(run) > 0 && script(r) != script(run[0]) {
				flush()
			}
			run = append(run, r)
		}
		flush()
	}
	return out
}

func script(r rune) int {
	switch {
	case unicode.Is(unicode.Han, r):
		return 1
	case unicode.IsDigit(r):
		return 2
	}
	return 3
}

// fold writes a text the way it is compared: one form of each character, small
// letters, ё as е, everything that is neither letter nor digit one space.
func fold(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(norm.NFKC.String(s), "ё", "е"), "Ё", "е")),
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }), " ")
}
