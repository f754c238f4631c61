// Package editor turns the parts of a scheme into fields a person fills in, and what
// was typed back into the scheme. It knows no page and no database: a page is a list
// of sections, a section a list of fields or of rows of fields, and everything typed
// is text until it is read.
package editor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pingyi/evaluation"
	"pingyi/org"
)

// document is a scheme as its file reads: objects, lists, texts, numbers.
type document map[string]any

// documentOf returns the file of a scheme.
func documentOf(sc *evaluation.Scheme) (document, error) {
	b, err := sc.Canonical()
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	doc := document{}
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("read scheme: %w", err)
	}
	return doc, nil
}

// scheme returns the scheme a file describes.
func (d document) scheme() (*evaluation.Scheme, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write scheme: %w", err)
	}
	return evaluation.ParseScheme(b)
}

// at returns what stands at a place: names and, in lists, numbers from 0, joined by
// dots. "" is the whole.
func at(v any, place string) any {
	if place == "" {
		return v
	}
	head, rest, _ := strings.Cut(place, ".")
	switch x := v.(type) {
	case document:
		return at(x[head], rest)
	case map[string]any:
		return at(x[head], rest)
	case []any:
		if i, err := strconv.Atoi(head); err == nil && i >= 0 && i < len(x) {
			return at(x[i], rest)
		}
	}
	return nil
}

// put sets what stands at a place below an object, whose objects come into being as
// needed; nil takes it away.
func put(object map[string]any, place string, v any) {
	head, rest, deeper := strings.Cut(place, ".")
	if !deeper {
		if v == nil {
			delete(object, head)
		} else {
			object[head] = v
		}
		return
	}
	below, ok := object[head].(map[string]any)
	if !ok {
		if v == nil {
			return
		}
		below = map[string]any{}
		object[head] = below
	}
	put(below, rest, v)
}

// objectAt returns the object at a place, an empty one where there is none.
func (d document) objectAt(place string) map[string]any {
	if place == "" {
		return d
	}
	if o, ok := at(d, place).(map[string]any); ok {
		return o
	}
	return map[string]any{}
}

// replace puts a value at a place that may lead through lists.
func (d document) replace(place string, v any) {
	parts := strings.Split(place, ".")
	var holder any = map[string]any(d)
	if len(parts) > 1 {
		holder = at(d, strings.Join(parts[:len(parts)-1], "."))
	}
	last := parts[len(parts)-1]
	switch x := holder.(type) {
	case map[string]any:
		x[last] = v
	case []any:
		if i, err := strconv.Atoi(last); err == nil && i >= 0 && i < len(x) {
			x[i] = v
		}
	default: // the object above is not there yet
		put(d, place, v)
	}
}

// clone returns a deep copy.
func clone(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, y := range x {
			out[k] = clone(y)
		}
		return out
	case []any:
		out := slices.Clone(x)
		for i := range out {
			out[i] = clone(out[i])
		}
		return out
	}
	return v
}

// namesOf reads a name in three languages.
func namesOf(v any) org.Names {
	return org.Names{ZH: wordOf(at(v, "zh")), EN: wordOf(at(v, "en")), RU: wordOf(at(v, "ru"))}
}
