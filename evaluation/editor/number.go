package editor

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"pingyi/evaluation"
	"pingyi/fault"
)

var (
	code   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
	number = regexp.MustCompile(`^-?[0-9]{1,9}(\.[0-9]{1,8})?$|^[0-9]{1,9}/[1-9][0-9]{0,8}$`)
)

// one reads a field that holds one thing.
func (f Field) one(text string) (any, fault.Text) {
	switch f.Kind {
	case Code:
		if !code.MatchString(text) {
			return nil, fault.Text{Key: "scheme.code-form"}
		}
	case Whole:
		n, err := strconv.Atoi(normal(text))
		if err != nil || n < 0 || n > evaluation.MaxWeight {
			return nil, fault.Text{Key: "edit.whole", Args: []any{"Typed", text}}
		}
		return json.Number(strconv.Itoa(n)), fault.Text{}
	case Number:
		if !number.MatchString(normal(text)) {
			return nil, fault.Text{Key: "edit.number", Args: []any{"Typed", text}}
		}
		return normal(text), fault.Text{}
	case Numbers:
		var out []any
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ;；、\t\n", r) }) {
			if !number.MatchString(normal(word)) {
				return nil, fault.Text{Key: "edit.number", Args: []any{"Typed", word}}
			}
			out = append(out, normal(word))
		}
		return out, fault.Text{}
	case Choice:
		if !f.offers(text) {
			return nil, fault.Text{Key: "scheme.choice-unknown", Args: []any{"Value", text}}
		}
	}
	return text, fault.Text{}
}

// normal folds a number as typed: a comma is a point, a percent sign and spaces do
// not matter.
func normal(text string) string {
	return strings.NewReplacer(",", ".", "，", ".", "。", ".", "%", "", "％", "", " ", "", "\u00a0", "", "\u202f", "").Replace(text)
}

// ReadNumber reads a number as typed; none and false when it is no number.
func ReadNumber(text string) (evaluation.Exact, bool) {
	t := normal(text)
	if !number.MatchString(t) {
		return evaluation.None, false
	}
	return evaluation.Decimal(t), true
}
