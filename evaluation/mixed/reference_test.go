package mixed

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// table is a file of testdata: columns of text by name.
type table map[string][]string

func open(tb testing.TB, name string) io.Reader {
	tb.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func readTable(tb testing.TB, name string) table {
	tb.Helper()
	rows, err := csv.NewReader(open(tb, name)).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	t := table{}
	for c, head := range rows[0] {
		for _, row := range rows[1:] {
			t[head] = append(t[head], row[c])
		}
	}
	return t
}

// factor numbers the labels of a column in the order of their first appearance and
// returns the labels in that order.
func (t table) factor(name string) (Factor, []string) {
	f, number := Factor{Name: name}, map[string]int32{}
	var labels []string
	for _, label := range t[name] {
		if _, known := number[label]; !known {
			number[label] = int32(len(labels))
			labels = append(labels, label)
		}
		f.Of = append(f.Of, number[label])
	}
	f.Levels = len(labels)
	return f, labels
}

// numbers parses a column.
func (t table) numbers(tb testing.TB, name string) []float64 {
	tb.Helper()
	var x []float64
	for _, s := range t[name] {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			tb.Fatal(err)
		}
		x = append(x, v)
	}
	return x
}

// where returns the rows for which keep is true.
func (t table) where(keep func(row int) bool) table {
	out := table{}
	for name, column := range t {
		out[name] = []string{}
		for r, v := range column {
			if keep(r) {
				out[name] = append(out[name], v)
			}
		}
	}
	return out
}

// crossed returns the data of y ~ 1 + (1|factor) + ... and the labels by factor.
func crossed(tb testing.TB, t table, y string, factors ...string) (Data, [][]string) {
	d := Data{Y: t.numbers(tb, y)}
	var labels [][]string
	for _, name := range factors {
		f, l := t.factor(name)
		d.Factors, labels = append(d.Factors, f), append(labels, l)
	}
	return d, labels
}

// reference is one fit of lme4, a file of which is described in testdata/README.md.
type reference struct {
	Theta      map[string]float64          `json:"theta"`
	Polished   map[string]float64          `json:"theta_polished"`
	Components map[string]float64          `json:"variance_components"`
	Fixed      map[string]fixedReference   `json:"fixed_effects"`
	FixedSE    map[string]float64          `json:"fixed_effects_se"`
	Criterion  json.Number                 `json:"criterion"`
	Effects    map[string][]levelReference `json:"random_effects"`
	BlupsD     []levelReference            `json:"blups_d"`
	BlupsS     []levelReference            `json:"blups_s_sample"`
	Error      string                      `json:"lme4_error"`
}

type levelReference struct {
	Level              string
	N                  int
	Blup, Condvar, Pev float64
}

// fixedReference is a number, or an object with estimate and se.
type fixedReference struct{ Estimate, SE float64 }

func (f *fixedReference) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &f.Estimate) == nil {
		return nil
	}
	type plain fixedReference
	return json.Unmarshal(b, (*plain)(f))
}

func readJSON(tb testing.TB, name string, into any) {
	tb.Helper()
	if err := json.NewDecoder(open(tb, name)).Decode(into); err != nil {
		tb.Fatal(err)
	}
}

func references(tb testing.TB, dir string) map[string]reference {
	tb.Helper()
	var file struct{ Models map[string]reference }
	readJSON(tb, dir+"/reference.json.gz", &file)
	for name, r := range file.Models {
		for effect, f := range r.Fixed {
			if se, ok := r.FixedSE[effect]; ok {
				f.SE = se
				r.Fixed[effect] = f
			}
		}
		if r.BlupsD != nil {
			r.Effects = map[string][]levelReference{"d": r.BlupsD, "s": r.BlupsS}
			file.Models[name] = r
		}
	}
	return file.Models
}

// overall is the county's weighted mean of the indicators present in each row.
func overall(tb testing.TB, t table) []float64 {
	tb.Helper()
	weights := map[string]float64{"q1": .25, "q2": .25, "q3": .20, "q4": .15, "q5": .15}
	names := []string{"q1", "q2", "q3", "q4", "q5"}
	y := make([]float64, len(t["q1"]))
	for r := range y {
		sum, weight := 0.0, 0.0
		for _, name := range names {
			if s := t[name][r]; s != "" {
				v, err := strconv.ParseFloat(s, 64)
				if err != nil {
					tb.Fatal(err)
				}
				sum, weight = sum+v*weights[name], weight+weights[name]
			}
		}
		y[r] = sum / weight
	}
	return y
}

// indicator are a county's rows in which the indicator is present.
func indicator(t table, name string) table {
	return t.where(func(r int) bool { return t[name][r] != "" })
}

// sectors adds the sector of each row's company as treatment contrasts.
func sectors(tb testing.TB, t table, d *Data) {
	tb.Helper()
	companies := readTable(tb, "county/companies.csv.gz")
	sector := map[string]string{}
	for r, company := range companies["company"] {
		sector[company] = companies["sector"][r]
	}
	for _, name := range []string{"construction", "trade", "technology", "agriculture"} {
		c := Column{Name: "sector" + name}
		for _, company := range t["company"] {
			x := 0.0
			if sector[company] == name {
				x = 1
			}
			c.X = append(c.X, x)
		}
		d.Fixed = append(d.Fixed, c)
	}
}

// withoutAbnormal are the county's rows less those of companies planted as abnormal.
func withoutAbnormal(tb testing.TB, t table) table {
	tb.Helper()
	var truth struct {
		Kinds map[string][]int `json:"company_kinds"`
	}
	readJSON(tb, "county/truth.json.gz", &truth)
	return t.where(func(r int) bool {
		company, err := strconv.Atoi(t["company"][r])
		if err != nil {
			tb.Fatal(err)
		}
		for kind, companies := range truth.Kinds {
			if kind != "normal" && slices.Contains(companies, company) {
				return false
			}
		}
		return true
	})
}
