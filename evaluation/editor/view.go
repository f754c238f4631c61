package editor

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pingyi/evaluation"
)

// Shown is a section as a form shows it.
type Shown struct {
	Section
	Rows  []Row            // of a list; one for anything else
	Total evaluation.Exact // of the weights typed, where they are to sum to 100
	Left  evaluation.Exact // what is missing to 100; below 0: too much
	Even  bool             // the weights sum to 100, 1,000 or 10,000
}

// Row is one object's fields.
type Row struct {
	Name  string // "indicators.2", for the buttons of the row
	Was   string // the code it had; kept in a hidden field
	Title string // what was typed as its code
	Cells []Cell
	More  []Cell // conditions few rules need
	Open  bool   // some of them are filled in
}

// Cell is a field with what was typed.
type Cell struct {
	Field
	Name   string
	Value  string
	Values []string // Choices, Slots, Names: by option, place, language
}

// Has reports whether an option is chosen.
func (c Cell) Has(value string) bool { return slices.Contains(c.Values, value) }

// Count is the name of the field with the number of rows.
func (s Shown) Count() string { return s.field("n", "") }

// Show returns the sections of a page with what was typed.
func Show(p Page, v url.Values) []Shown {
	var out []Shown
	var above func(path string) string
	for _, s := range p.Sections {
		if !holds(s.When, func(path string) string { return above(path) }) {
			continue
		}
		x := Shown{Section: s}
		if s.List {
			for i := range s.rows(v) {
				x.Rows = append(x.Rows, s.show(strconv.Itoa(i), v))
			}
		} else {
			x.Rows = []Row{s.show("", v)}
			above = func(path string) string { return v.Get(s.field("", path)) }
		}
		if s.Sum {
			x.sum(v)
		}
		out = append(out, x)
	}
	return out
}

func (s Section) show(row string, v url.Values) Row {
	r := Row{Name: s.field(row, ""), Was: v.Get(s.field(row, "was")), Title: v.Get(s.field(row, "code"))}
	get := func(path string) string { return v.Get(s.field(row, path)) }
	for _, f := range s.Fields {
		if !holds(f.When, get) {
			continue
		}
		c := Cell{Field: f, Name: s.field(row, f.Path)}
		c.Value, c.Values = v.Get(c.Name), v[c.Name]
		switch f.Kind {
		case Names:
			c.Values = nil
			for _, lang := range Languages {
				c.Values = append(c.Values, v.Get(c.Name+"."+lang))
			}
			c.Value = strings.Join(c.Values, "")
		case Slots:
			c.Values = nil
			for i := range SlotCount {
				c.Values = append(c.Values, v.Get(c.Name+"."+strconv.Itoa(i)))
			}
		}
		if f.More {
			r.More = append(r.More, c)
			r.Open = r.Open || c.Value != ""
		} else {
			r.Cells = append(r.Cells, c)
		}
	}
	return r
}

// sum adds up the weights typed; what is no number counts as nothing.
func (x *Shown) sum(v url.Values) {
	total := evaluation.Frac(0, 1).Rat()
	for i := range x.Rows {
		if n, ok := ReadNumber(v.Get(x.field(strconv.Itoa(i), "weight"))); ok {
			total.Add(total, n.Rat())
		}
	}
	x.Total = evaluation.Of(total)
	x.Left = evaluation.Of(total.Sub(evaluation.Frac(100, 1).Rat(), total))
	x.Even = slices.ContainsFunc([]int64{100, 1000, 10000}, func(n int64) bool { return x.Total.Equal(evaluation.Frac(n, 1)) })
}

// Act adds, removes or moves a row of what was typed and returns the rest unchanged:
// "add:indicators", "remove:indicators.2", "up:indicators.2", "down:indicators.2". It
// reports false for anything else.
func Act(p Page, v url.Values, act string) (url.Values, bool) {
	verb, what, _ := strings.Cut(act, ":")
	for _, s := range p.Sections {
		if !s.List {
			continue
		}
		if verb == "add" && what == s.Name {
			return s.write(v, append(s.typed(v), s.fresh(v))), true
		}
		row, ok := strings.CutPrefix(what, s.Name+".")
		i, err := strconv.Atoi(row)
		rows := s.typed(v)
		if !ok || err != nil || i < 0 || i >= len(rows) {
			continue
		}
		switch {
		case verb == "remove":
			rows = slices.Delete(rows, i, i+1)
		case verb == "up" && i > 0:
			rows[i], rows[i-1] = rows[i-1], rows[i]
		case verb == "down" && i+1 < len(rows):
			rows[i], rows[i+1] = rows[i+1], rows[i]
		}
		return s.write(v, rows), true
	}
	return v, false
}

// typed are the rows of a list, each with its fields by their names below the row.
func (s Section) typed(v url.Values) []url.Values {
	rows := make([]url.Values, s.rows(v))
	for i := range rows {
		rows[i] = url.Values{}
		prefix := s.field(strconv.Itoa(i), "") + "."
		for name, values := range v {
			if below, ok := strings.CutPrefix(name, prefix); ok {
				rows[i][below] = values
			}
		}
	}
	return rows
}

// write puts rows back in place of those that were there.
func (s Section) write(v url.Values, rows []url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		if !strings.HasPrefix(name, s.Name+".") || s.Name == "" {
			out[name] = values
		}
	}
	rows = rows[:min(len(rows), mostRows)]
	out.Set(s.field("n", ""), strconv.Itoa(len(rows)))
	for i, row := range rows {
		for below, values := range row {
			out[s.field(strconv.Itoa(i), below)] = values
		}
	}
	return out
}

// fresh is a new row: a code nobody has, and what Fresh says.
func (s Section) fresh(v url.Values) url.Values {
	out := url.Values{}
	s.start(out)
	if !s.coded() {
		return out
	}
	taken := map[string]bool{}
	for _, r := range s.typed(v) {
		taken[r.Get("code")] = true
	}
	for i := 1; ; i++ {
		if c := s.Prefix + strconv.Itoa(i); !taken[c] {
			out.Set("code", c)
			return out
		}
	}
}

// start fills a row that has no number yet.
func (s Section) start(out url.Values) {
	nameless := s
	nameless.Name = ""
	nameless.fill(out, "", s.Fresh)
}
