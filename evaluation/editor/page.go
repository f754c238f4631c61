package editor

import (
	"slices"
	"strings"
)

// Kind is how a field is filled in.
type Kind string

// The kinds of field.
const (
	Code    Kind = "code"    // letters, digits and hyphens; unlike its neighbours
	Whole   Kind = "whole"   // a whole number from 0
	Number  Kind = "number"  // a decimal or fraction
	Numbers Kind = "numbers" // several, with spaces between
	Tick    Kind = "tick"
	Choice  Kind = "choice"  // one of the options, or none
	Choices Kind = "choices" // any of the options
	Slots   Kind = "slots"   // some of the options, in the order chosen
	Names   Kind = "names"   // a text in three languages
)

// SlotCount is how many places a field of kind Slots has.
const SlotCount = 3

// Languages are the codes of a name in three languages, in the order asked for.
var Languages = []string{"zh", "en", "ru"}

// Option is something to choose; Label as an argument of evaluation.Sentence.
type Option struct {
	Value string
	Label any
}

// Field is one thing to fill in.
type Field struct {
	Path    string // place below the object it belongs to: "effect.grade"
	Label   string // its words: message "edit.f-" + Label
	Kind    Kind
	Options []Option
	None    string   // Choice: the words of choosing none, "edit.none-" + None; "": one must be chosen
	Opt     bool     // may stay empty
	More    bool     // among the conditions few rules need
	When    []string // shown only when all hold: "source.kind=sheets", "trim=share|count"
}

// Section is an object's fields, or a list of such objects.
type Section struct {
	Key    string // heading "edit.s-" + Key
	Name   string // prefix of its field names; "" for the fields of the scheme itself
	Path   string // place in the scheme's file
	List   bool
	Fields []Field
	Sum    bool           // the weights of the rows sum to 100
	Fresh  map[string]any // a new row
	Prefix string         // of a new row's code
	When   []string       // shown only when these hold of the section before it
}

// Page is what is edited together.
type Page struct {
	Key      string
	Sections []Section
}

// most rows a list may have.
const mostRows = 200

// names of the form field of a section's field, or of a row's.
func (s Section) field(row string, path string) string {
	var parts []string
	for _, p := range []string{s.Name, row, path} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ".")
}

// holds reports whether all conditions hold of the values typed.
func holds(when []string, value func(path string) string) bool {
	for _, w := range when {
		path, want, _ := strings.Cut(w, "=")
		if !slices.Contains(strings.Split(want, "|"), value(path)) {
			return false
		}
	}
	return true
}
