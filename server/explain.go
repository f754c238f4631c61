package server

import (
	"slices"
	"strings"

	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/org"
)

// explained is a sentence about a scheme in the reader's language.
type explained struct {
	Text  string
	Below []explained
}

// explainedChapter is a part of a scheme in plain sentences.
type explainedChapter struct {
	Key, Title string
	Says       []explained
}

// explain says the chapters of a scheme in the reader's language: all of them, or
// those whose keys are given.
func explain(t *locale.Translator, sc *evaluation.Scheme, only ...string) []explainedChapter {
	var out []explainedChapter
	for _, c := range sc.Explain() {
		if len(only) > 0 && !slices.Contains(only, c.Key) {
			continue
		}
		x := explainedChapter{Key: c.Key, Title: t.T("say.chapter-" + c.Key)}
		if c.Key == "tree" && c.Name.ZH != "" {
			x.Title = t.T("say.chapter-tree-of", "Name", c.Name.In(t.Lang()))
		}
		x.Says = inWords(t, c.Says)
		out = append(out, x)
	}
	return out
}

func inWords(t *locale.Translator, list []evaluation.Sentence) []explained {
	out := make([]explained, len(list))
	for i, s := range list {
		out[i] = explained{Text: sentence(t, s), Below: inWords(t, s.Below)}
	}
	return out
}

func sentence(t *locale.Translator, s evaluation.Sentence) string {
	args := slices.Clone(s.Args)
	for i := 1; i < len(args); i += 2 {
		if x, ok := args[i].(evaluation.Exact); ok && args[i-1] == "Count" {
			args[i] = x.Rat().FloatString(2) // chooses the plural form
			if plain := x.Plain(); !strings.Contains(plain, "/") {
				args[i] = plain
			}
			continue
		}
		args[i] = word(t, args[i])
	}
	return t.T(s.Key, args...)
}

// word writes an argument of a sentence.
func word(t *locale.Translator, arg any) any {
	switch x := arg.(type) {
	case evaluation.Sentence:
		return sentence(t, x)
	case evaluation.Term:
		if t.Has(string(x)) {
			return t.T(string(x))
		}
		return string(x)[strings.LastIndexAny(string(x), ".-")+1:]
	case evaluation.Terms:
		words := make([]string, len(x))
		for i, w := range x {
			words[i], _ = word(t, w).(string)
		}
		return strings.Join(words, t.T("say.comma")+map[bool]string{false: " "}[t.Lang() == locale.Chinese])
	case org.Names:
		return x.In(t.Lang())
	case evaluation.Exact:
		return exactWords(t, x)
	}
	return arg
}

// exactWords writes a number as it is where that is short, else with two decimals.
func exactWords(t *locale.Translator, x evaluation.Exact) string {
	if !x.Known() {
		return t.T("say.open")
	}
	if plain := x.Plain(); len(plain) <= 10 && !strings.Contains(plain, "/") {
		return t.Number(plain)
	}
	return t.Exact(x.Rat(), 2)
}
