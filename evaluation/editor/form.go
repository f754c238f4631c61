package editor

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"pingyi/evaluation"
	"pingyi/fault"
)

// Fill returns the fields of a page as the scheme has them: what a form starts from.
func Fill(sc *evaluation.Scheme, p Page) (url.Values, error) {
	doc, err := documentOf(sc)
	if err != nil {
		return nil, err
	}
	v := url.Values{}
	for _, s := range p.Sections {
		if !s.List {
			s.fill(v, "", doc.objectAt(s.Path))
			continue
		}
		rows, _ := at(doc, s.Path).([]any)
		v.Set(s.field("n", ""), strconv.Itoa(len(rows)))
		for i, r := range rows {
			object, _ := r.(map[string]any)
			row := strconv.Itoa(i)
			s.fill(v, row, object)
			v.Set(s.field(row, "was"), wordOf(object["code"]))
		}
	}
	return v, nil
}

func (s Section) fill(v url.Values, row string, object map[string]any) {
	for _, f := range s.Fields {
		name, value := s.field(row, f.Path), at(object, f.Path)
		switch f.Kind {
		case Names:
			for _, lang := range Languages {
				v.Set(name+"."+lang, wordOf(at(value, lang)))
			}
		case Choices:
			list, _ := value.([]any)
			for _, x := range list {
				v.Add(name, wordOf(x))
			}
		case Slots:
			list, _ := value.([]any)
			for i, x := range list {
				v.Set(name+"."+strconv.Itoa(i), wordOf(x))
			}
		case Numbers:
			list, _ := value.([]any)
			words := make([]string, len(list))
			for i, x := range list {
				words[i] = wordOf(x)
			}
			v.Set(name, strings.Join(words, " "))
		case Tick:
			if value == true {
				v.Set(name, "1")
			}
		default:
			v.Set(name, wordOf(value))
		}
	}
}

func wordOf(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// Read puts what was typed into a copy of the scheme. What cannot be read, such as a
// number that is none, comes back by field, and the scheme then holds the rest. That
// the parts of a scheme fit together is not asked here: a draft may be half-finished.
func Read(sc *evaluation.Scheme, p Page, v url.Values) (*evaluation.Scheme, fault.Fields, error) {
	doc, err := documentOf(sc)
	if err != nil {
		return nil, nil, err
	}
	problems := fault.Fields{}
	var above func(path string) string
	for _, s := range p.Sections {
		if !holds(s.When, func(path string) string { return above(path) }) {
			put(doc.objectAt(parent(s.Path)), last(s.Path), nil)
			continue
		}
		if s.List {
			s.readRows(doc, v, problems)
			continue
		}
		object, _ := clone(doc.objectAt(s.Path)).(map[string]any)
		if s.Path == "" {
			object = doc
		}
		s.read(object, "", v, problems)
		if s.Path != "" {
			doc.replace(s.Path, object)
		}
		above = func(path string) string { return v.Get(s.field("", path)) }
	}
	out, err := doc.scheme()
	return out, problems, err
}

func parent(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i]
	}
	return ""
}

func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// readRows reads the rows of a list. A row that was there before keeps what the page
// does not show of it: it is found again by the code it had.
func (s Section) readRows(doc document, v url.Values, problems fault.Fields) {
	before, _ := at(doc, s.Path).([]any)
	rows, seen := []any{}, map[string]bool{}
	for i := range s.rows(v) {
		row := strconv.Itoa(i)
		object, _ := clone(s.Fresh).(map[string]any)
		if object == nil {
			object = map[string]any{}
		}
		if was := v.Get(s.field(row, "was")); was != "" {
			for _, b := range before {
				if o, ok := b.(map[string]any); ok && wordOf(o["code"]) == was {
					object, _ = clone(o).(map[string]any)
					break
				}
			}
		}
		s.read(object, row, v, problems)
		if code := wordOf(object["code"]); s.coded() && code != "" {
			if seen[code] {
				problems.Add(s.field(row, "code"), "scheme.code-twice", "Code", code)
			}
			seen[code] = true
		}
		rows = append(rows, object)
	}
	if len(rows) == 0 && at(doc, s.Path) == nil {
		return
	}
	doc.replace(s.Path, rows)
}

// coded reports whether rows have a code of their own making.
func (s Section) coded() bool {
	for _, f := range s.Fields {
		if f.Kind == Code {
			return true
		}
	}
	return false
}

// rows is how many rows of a list were typed.
func (s Section) rows(v url.Values) int {
	n, err := strconv.Atoi(v.Get(s.field("n", "")))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, mostRows)
}

// read puts the fields of one object into it. A field that does not apply is taken
// away; so is an object whose kind was not chosen.
func (s Section) read(object map[string]any, row string, v url.Values, problems fault.Fields) {
	get := func(path string) string { return v.Get(s.field(row, path)) }
	for _, f := range s.Fields {
		if !holds(f.When, get) {
			put(object, f.Path, nil)
			continue
		}
		value, problem := f.read(s.field(row, f.Path), v)
		if problem.Key != "" {
			problems.Add(s.field(row, f.Path), problem.Key, problem.Args...)
			continue
		}
		put(object, f.Path, value)
		if value == nil && last(f.Path) == "kind" {
			put(object, parent(f.Path), nil)
		}
	}
}

// read reads one field; nil is nothing.
func (f Field) read(name string, v url.Values) (any, fault.Text) {
	text := strings.TrimSpace(v.Get(name))
	switch f.Kind {
	case Names:
		out := map[string]any{}
		filled := false
		for _, lang := range Languages {
			t := strings.TrimSpace(v.Get(name + "." + lang))
			if len([]rune(t)) > mostText {
				return nil, fault.Text{Key: "text.long", Args: []any{"Limit", mostText, "Have", len([]rune(t))}}
			}
			out[lang], filled = t, filled || t != ""
		}
		if !filled && f.Opt {
			return nil, fault.Text{}
		}
		return out, fault.Text{}
	case Tick:
		if v.Get(name) != "" {
			return true, fault.Text{}
		}
		return nil, fault.Text{}
	case Choices:
		return f.choices(v[name])
	case Slots:
		var chosen []string
		for i := range SlotCount {
			chosen = append(chosen, v.Get(name+"."+strconv.Itoa(i)))
		}
		return f.choices(chosen)
	}
	if text == "" && f.Kind != Code {
		return nil, fault.Text{}
	}
	return f.one(text)
}

// mostText is the limit of a text, in characters.
const mostText = 300

// choices takes the options chosen, in their order.
func (f Field) choices(chosen []string) (any, fault.Text) {
	var out []any
	for _, c := range chosen {
		switch {
		case c == "":
		case !f.offers(c):
			return nil, fault.Text{Key: "scheme.choice-unknown", Args: []any{"Value", c}}
		case f.whole():
			out = append(out, json.Number(c))
		default:
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, fault.Text{}
	}
	return out, fault.Text{}
}

// whole reports whether the options are numbers in the file: classes of units.
func (f Field) whole() bool { return f.Path == "classes" }

func (f Field) offers(value string) bool {
	for _, o := range f.Options {
		if o.Value == value {
			return true
		}
	}
	return false
}
