package server

import (
	"slices"

	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/locale"
	"pingyi/org"
)

// level is one of the answers as a ballot page offers it.
type level struct {
	Code  string
	Label string
	Face  string // the picture of a national level; "" for a county's own
	Tone  string // a, the best, to e, the worst: its colour
	Low   bool   // asks what was wrong
}

// tones are the five colours of the levels, best first.
var tones = []string{"a", "b", "c", "d", "e"}

// levelsOf lists the answers of a form, whatever their number. Colours are spread
// from the best to the worst.
func levelsOf(t *locale.Translator, f *ballotbox.Form) []level {
	out := make([]level, len(f.Levels))
	for i, code := range f.Levels {
		out[i] = level{Code: code, Label: levelName(t, code, f.LevelNames[code]), Low: slices.Contains(f.Low, code)}
		if slices.Contains(evaluation.NationalLevels, code) {
			out[i].Face = code
		}
		out[i].Tone = tones[0]
		if n := len(f.Levels) - 1; n > 0 {
			out[i].Tone = tones[(8*i+n)/(2*n)]
		}
	}
	return out
}

// levelName is what a level is called: the catalogue's word for "not acquainted" and
// the national five, the scheme's own name for any other.
func levelName(t *locale.Translator, code string, own org.Names) string {
	if own.ZH != "" && !slices.Contains(evaluation.NationalLevels, code) {
		return own.In(t.Lang())
	}
	if key := "level." + code; t.Has(key) {
		return t.T(key)
	}
	return code
}

// Levels are the answers the ballot offers.
func (p *ballotPage) Levels() []level { return levelsOf(p.Translator, p.Form) }

// LevelName is what an answer is called.
func (p *ballotPage) LevelName(code string) string {
	return levelName(p.Translator, code, p.Form.LevelNames[code])
}

// LevelName is what a level of the printed ballot is called.
func (p *cardsPage) LevelName(code string) string {
	return levelName(p.Translator, code, p.Printing.Form.LevelNames[code])
}

// LevelName is what a level of the year's scheme is called.
func (p *scoresPage) LevelName(l evaluation.Level) string {
	return levelName(p.Translator, l.Code, l.Name)
}
