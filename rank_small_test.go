package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// small is a county that fits into a test: 6 departments, 14 raters, one extra
// grouping, a category and a number.
func small() [][]string {
	rows := [][]string{{"rater", "dept", "stars", "kind", "years", "town"}}
	for r := range 14 {
		for d := range 6 {
			if (r*d+r)%5 == 3 {
				continue
			}
			stars := fmt.Sprint(2 + (r*3+d*7+r*d)%4 + d%3)
			if r == 2 && d == 5 {
				stars = ""
			}
			rows = append(rows, []string{fmt.Sprint("企业", r+1), []string{"税务局", "住建局", "Customs", "公安局", "人社局", "林业"}[d], stars, []string{"trade", "farm", "works"}[r%3], fmt.Sprint(r), fmt.Sprint("t", (r+d)%4)})
		}
	}
	return rows
}

func lines(rows [][]string, comma string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.Join(r, comma) + "\n")
	}
	return b.String()
}

var smallArgs = []string{"--rater", "rater", "--department", "dept", "--score", "stars", "--fixed", "kind", "--fixed", "years", "--factor", "town", "--min-reliability", "0"}

// smallFiles writes the rows as every kind of file, and turned round.
func smallFiles(t *testing.T, rows [][]string) []string {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var packed, book bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(lines(rows, ",")))
	_ = z.Close()
	x := excelize.NewFile()
	for i, r := range rows {
		if err := x.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Write(&book); err != nil {
		t.Fatal(err)
	}
	turned := slices.Clone(rows)
	slices.Reverse(turned[1:])
	return []string{
		file("plain.csv", []byte(lines(rows, ","))), file("turned.csv", []byte(lines(turned, ","))),
		file("mark.csv", []byte("\ufeff"+lines(rows, ";"))), file("tabs.tsv", []byte(lines(rows, "\t"))),
		file("packed.csv.gz", packed.Bytes()), file("book.xlsx", book.Bytes()),
	}
}

// The same ratings print the same bytes from any kind of file and in any order, and
// the text is as it was when a person last looked at it.
func TestRankSmallCounty(t *testing.T) {
	rows := small()
	files := smallFiles(t, rows)
	golden, err := os.ReadFile("testdata/rank_small.txt")
	if err != nil {
		t.Fatal(err)
	}
	asJSON, _, _ := runRank(t, "", append([]string{files[0], "--json", "--raters"}, smallArgs...)...)
	for _, f := range files {
		text, code, message := runRank(t, "", append([]string{f}, smallArgs...)...)
		if code != 0 || text != string(golden) {
			t.Errorf("%s: exit code %d %s\ngot\n%s\nwant\n%s", f, code, message, text, golden)
		}
		if got, _, _ := runRank(t, "", append([]string{f, "--json", "--raters"}, smallArgs...)...); got != asJSON {
			t.Errorf("%s: other JSON than %s", f, files[0])
		}
	}
	if got, code, _ := runRank(t, lines(rows, ","), append([]string{"-"}, smallArgs...)...); code != 0 || got != string(golden) {
		t.Errorf("standard input: exit code %d\n%s", code, got)
	}
	r := rankJSON(t, append([]string{files[0]}, smallArgs...)...)
	if r.Baselines["kind"] != "farm" || len(r.Factors["town"]) != 4 || r.Skipped != 1 || r.Raters != nil {
		t.Errorf("baselines %v, factors %v, skipped %d", r.Baselines, r.Factors, r.Skipped)
	}
	quick := rankJSON(t, append([]string{files[0], "--no-sets"}, smallArgs...)...)
	for j, d := range quick.Departments {
		if *d.Rank != *r.Departments[j].Rank || d.RankLow != nil || d.RankHigh != nil || d.Tier != nil {
			t.Errorf("without sets: %+v, with: %+v", d, r.Departments[j])
		}
	}
	var names []string
	for _, f := range r.Fixed {
		names = append(names, f.Name)
	}
	if want := []string{"(Intercept)", "kindtrade", "kindworks", "years"}; !slices.Equal(names, want) {
		t.Errorf("fixed effects %v, want %v", names, want)
	}
}

func TestRankRefuses(t *testing.T) {
	columns := []string{"--rater", "rater", "--department", "dept", "--score", "stars"}
	data := lines(small(), ",")
	tests := []struct {
		name, stdin string
		args        []string
		want        string
	}{
		{"no file", "", columns, "name one file"},
		{"no columns", data, []string{"-"}, "must be named"},
		{"unknown flag", data, []string{"-", "--colour"}, "unknown flag"},
		{"missing file", "", append([]string{"nowhere.csv"}, columns...), "nowhere.csv"},
		{"a folder", "", append([]string{"evaluation"}, columns...), "read evaluation"},
		{"empty file", "", append([]string{"-"}, columns...), "the file is empty"},
		{"wrong column", data, []string{"-", "--rater", "rater", "--department", "dept", "--score", "points"}, `no column "points"`},
		{"column twice", data, append([]string{"-", "--fixed", "stars"}, columns...), `"stars" is named twice`},
		{"words for stars", data + "a,b,many,c,1,t1\n", append([]string{"-"}, columns...), `column "stars", row 72: "many" is not a number`},
		{"coverage", data, append([]string{"-", "--coverage", "1.2"}, columns...), "coverage must lie"},
		{"draws", data, append([]string{"-", "--draws", "3"}, columns...), "too few draws"},
		{"estimates and file", data, []string{"-", "--estimates", "-"}, "--estimates takes neither"},
		{"estimates that are none", data, []string{"--estimates", "-"}, "not an object in JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, code, message := runRank(t, tt.stdin, tt.args...)
			if code != 2 || !strings.Contains(message, tt.want) || out != "" {
				t.Errorf("exit code %d, %q, printed %q; want 2 and %q", code, message, out, tt.want)
			}
		})
	}
}

// broken is an output that cannot be written.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestRankSaysWhenItCannotWrite(t *testing.T) {
	for _, extra := range [][]string{nil, {"--json"}} {
		cmd := root(map[string]string{})
		cmd.SetArgs(slices.Concat([]string{"rank", "-"}, smallArgs, extra))
		cmd.SetIn(strings.NewReader(lines(small(), ",")))
		cmd.SetOut(broken{})
		var c checked
		if err := cmd.Execute(); !errors.As(err, &c) || c.code != 1 {
			t.Errorf("got %v, want exit code 1", err)
		}
	}
}
