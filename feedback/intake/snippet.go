package intake

import (
	"slices"
	"strings"
	"unicode"
)

// Piece is a stretch of a text; Hit: it is one of the words looked for.
type Piece struct {
	Text string
	Hit  bool
}

// Snippet cuts about size characters out of text around the first of the words of q,
// with all hits marked, capitals or not. Without a hit it is the beginning.
func Snippet(text, q string, size int) []Piece {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	low := make([]rune, len(runes))
	for i, r := range runes {
		low[i] = lower(r)
	}
	hits := make([]bool, len(runes))
	first := -1
	for _, w := range strings.Fields(fold(q)) {
		word := []rune(w)
		for i := 0; i+len(word) <= len(low); i++ {
			if slices.Equal(low[i:i+len(word)], word) {
				for j := range word {
					hits[i+j] = true
				}
				if first < 0 || i < first {
					first = i
				}
			}
		}
	}
	from := max(0, first-size/4)
	if len(runes) <= size {
		from = 0
	}
	to := min(len(runes), from+size)
	var out []Piece
	if from > 0 {
		out = append(out, Piece{Text: "…"})
	}
	for i := from; i < to; {
		j := i
		for j < to && hits[j] == hits[i] {
			j++
		}
		out = append(out, Piece{string(runes[i:j]), hits[i]})
		i = j
	}
	if to < len(runes) {
		out = append(out, Piece{Text: "…"})
	}
	return out
}

func lower(r rune) rune {
	if r == 'ё' || r == 'Ё' {
		return 'е'
	}
	return unicode.ToLower(r)
}
