package editor

import (
	"bytes"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"pingyi/evaluation"
	"pingyi/fault"
)

// rich is a scheme that uses every possibility of the format.
func rich(t *testing.T) *evaluation.Scheme {
	t.Helper()
	b, err := os.ReadFile("testdata/rich.json")
	if err != nil {
		t.Fatal(err)
	}
	sc, err := evaluation.ReadScheme(b)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func canonical(t *testing.T, sc *evaluation.Scheme) string {
	t.Helper()
	b, err := sc.ExportScheme()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// forms are all pages of a scheme.
func forms(t *testing.T, sc *evaluation.Scheme) []Page {
	t.Helper()
	var out []Page
	for _, key := range PageKeys {
		p, ok := Form(sc, key)
		if !ok {
			t.Fatalf("no page %s", key)
		}
		out = append(out, p)
	}
	for _, tree := range sc.Trees {
		for _, o := range parts(&evaluation.Scheme{Trees: []evaluation.Tree{tree}}, false) {
			p, ok := PartForm(sc, tree.Code, o.Value)
			if !ok {
				t.Fatalf("no page for part %s of %s", o.Value, tree.Code)
			}
			out = append(out, p)
		}
	}
	return out
}

// TestUnchanged: a page sent back as it came changes nothing, whatever the scheme.
func TestUnchanged(t *testing.T) {
	for _, sc := range []*evaluation.Scheme{evaluation.NJDefault(), rich(t), Skeleton("new")} {
		want := canonical(t, sc)
		for _, p := range forms(t, sc) {
			v, err := Fill(sc, p)
			if err != nil {
				t.Fatal(err)
			}
			got, problems, err := Read(sc, p, v)
			if err != nil || len(problems) > 0 {
				t.Fatalf("%s: %v, %v", p.Key, problems, err)
			}
			if g := canonical(t, got); g != want {
				t.Errorf("%s, page %s %s: changed:\n%s", sc.Label(), p.Key, p.Sections[0].Path, firstDifference(want, g))
			}
		}
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return strings.Join(x[max(0, i-3):i+1], "\n") + "\n--- now\n" + strings.Join(y[max(0, i-3):i+1], "\n")
		}
	}
	return "length"
}

// typedOn fills a page and lays typed values over it.
func typedOn(t *testing.T, sc *evaluation.Scheme, p Page, typed url.Values) url.Values {
	t.Helper()
	v, err := Fill(sc, p)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range typed {
		v[name] = values
	}
	return v
}

// TestTyped: what people type arrives; what is no number comes back beside its field
// and the rest is kept.
func TestTyped(t *testing.T) {
	nj := evaluation.NJDefault()
	for name, tt := range map[string]struct {
		page    string
		typed   url.Values
		problem string // field
		key     string
		check   func(sc *evaluation.Scheme) bool
	}{
		"comma": {"bonus", url.Values{"bonus.0.points": {"1,5 2"}, "bonus_cap": {" 7 "}}, "", "", func(sc *evaluation.Scheme) bool {
			return sc.Bonus[0].Points[0].Plain() == "1.5" && len(sc.Bonus[0].Points) == 2 && sc.BonusCap.Plain() == "7"
		}},
		"no cap": {"bonus", url.Values{"bonus_cap": {""}}, "", "", func(sc *evaluation.Scheme) bool { return !sc.BonusCap.Known() }},
		"word": {"items", url.Values{"indicators.0.weight": {"viel"}, "indicators.1.weight": {"30"}}, "indicators.0.weight", "edit.whole", func(sc *evaluation.Scheme) bool {
			return sc.Indicators[1].Weight == 30 && sc.Indicators[0].Weight == 10
		}},
		"too large":      {"items", url.Values{"indicators.0.weight": {"99999999999"}}, "indicators.0.weight", "edit.whole", nil},
		"code":           {"items", url.Values{"indicators.0.code": {"a b"}}, "indicators.0.code", "scheme.code-form", nil},
		"code twice":     {"items", url.Values{"indicators.0.code": {"I2"}}, "indicators.1.code", "scheme.code-twice", nil},
		"long":           {"basics", url.Values{"name.zh": {strings.Repeat("字", 301)}}, "name", "text.long", nil},
		"unknown choice": {"total", url.Values{"total.rounding": {"up"}}, "total.rounding", "scheme.choice-unknown", nil},
		"classes": {"trees", url.Values{"trees.0.classes": {"1", "3"}}, "", "", func(sc *evaluation.Scheme) bool {
			return slices.Equal(sc.Trees[0].Classes, []int{1, 3}) && len(sc.Trees[0].Parts) == 4
		}},
		"renamed tree":    {"trees", url.Values{"trees.0.code": {"every"}}, "", "", func(sc *evaluation.Scheme) bool { return sc.Trees[0].Code == "every" && len(sc.Trees[0].Parts) == 4 }},
		"trim none":       {"groups", url.Values{"group.trim": {"none"}}, "", "", func(sc *evaluation.Scheme) bool { return sc.Group.TrimPercent == 0 && sc.Group.TrimFrom == 0 }},
		"ties in order":   {"total", url.Values{"ties.then.0": {"R"}, "ties.then.2": {"A"}}, "", "", func(sc *evaluation.Scheme) bool { return slices.Equal(sc.Ties.Then, []string{"R", "A"}) }},
		"number as words": {"fairness", url.Values{"fairness.coverage": {"95 %"}, "fairness.min_reliability": {"hoch"}}, "fairness.min_reliability", "edit.number", func(sc *evaluation.Scheme) bool { return sc.Fairness.Coverage.Plain() == "95" }},
	} {
		p, _ := Form(nj, tt.page)
		sc, problems, err := Read(nj, p, typedOn(t, nj, p, tt.typed))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := problems[tt.problem].Key; got != tt.key || (tt.problem == "" && len(problems) > 0) {
			t.Errorf("%s: problems %v", name, fault.Fields(problems))
		}
		if tt.check != nil && !tt.check(sc) {
			t.Errorf("%s: did not arrive:\n%s", name, canonical(t, sc))
		}
	}
}

// TestPartOfAnotherKind: a part that is measured by something else loses what only
// its old source knew.
func TestPartOfAnotherKind(t *testing.T) {
	nj := evaluation.NJDefault()
	p, _ := PartForm(nj, "all", "FS")
	sc, problems, err := Read(nj, p, typedOn(t, nj, p, url.Values{"part.source.kind": {"rate"}, "part.source.of": {"solved"}, "part.scale.kind": {"z"}, "part.scale.centre": {"50"}, "part.scale.spread": {"10"}}))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	n := Part(&sc.Trees[0], "FS")
	if n.Source.Kind != "rate" || n.Source.Of != "solved" || n.Source.FullAt != 0 || n.Scale.Spread.Plain() != "10" {
		t.Errorf("part is %+v, %+v", n.Source, n.Scale)
	}
	p, _ = PartForm(sc, "all", "FS")
	if sc, _, err = Read(sc, p, typedOn(t, sc, p, url.Values{"part.source.kind": {""}, "part.scale.kind": {""}})); err != nil {
		t.Fatal(err)
	}
	if n = Part(&sc.Trees[0], "FS"); n.Source != nil || n.Scale != nil {
		t.Errorf("source and scale stay: %+v", n)
	}
}

// TestRows: rows are added, moved and removed in what was typed, and keep what the
// page does not show.
func TestRows(t *testing.T) {
	sc := rich(t)
	p, _ := Form(sc, "trees")
	v, err := Fill(sc, p)
	if err != nil {
		t.Fatal(err)
	}
	v.Set("trees.0.name.zh", "改了名")
	act := func(what string) {
		t.Helper()
		var ok bool
		if v, ok = Act(p, v, what); !ok {
			t.Fatalf("%s was not understood", what)
		}
	}
	before := len(sc.Trees)
	act("down:trees.0")
	act("add:trees")
	act("up:trees.0")
	got, problems, err := Read(sc, p, v)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	if len(got.Trees) != before+1 || got.Trees[1].Name.ZH != "改了名" || len(got.Trees[1].Parts) != len(sc.Trees[0].Parts) || got.Trees[before].Code == "" {
		t.Errorf("trees are %+v", got.Trees)
	}
	act("remove:trees.2")
	act("remove:trees.1")
	if got, _, err = Read(sc, p, v); err != nil || len(got.Trees) != before-1 {
		t.Errorf("%d trees, %v", len(got.Trees), err)
	}
	for _, wrong := range []string{"", "add", "add:nothing", "remove:trees.99", "up:trees.-1", "down:trees.x"} {
		if _, ok := Act(p, v, wrong); ok {
			t.Errorf("%q was understood", wrong)
		}
	}
}

// TestOutline: parts are added below others, moved and removed.
func TestOutline(t *testing.T) {
	sc := evaluation.NJDefault()
	tree := Tree(sc, "all")
	code, ok := AddPart(tree, "A")
	if !ok || code != "P1" || Part(tree, "A").Source != nil || Part(tree, "P1").Weight.Plain() != "100" {
		t.Fatalf("added %q, %+v", code, Part(tree, "A"))
	}
	if code, _ = AddPart(tree, ""); code != "P2" || tree.Parts[4].Weight.Plain() != "0" {
		t.Errorf("added %q", code)
	}
	if !MovePart(tree, "R", -1) || tree.Parts[1].Code != "R" || MovePart(tree, "A", -1) || MovePart(tree, "VC", 1) {
		t.Errorf("parts are %v", tree.Parts)
	}
	if !RemovePart(tree, "W") || Part(tree, "TC") != nil || RemovePart(tree, "W") {
		t.Error("a removed part is still there")
	}
	if _, ok := AddPart(tree, "nothing"); ok {
		t.Error("a part was added below nothing")
	}
}

// TestSkeleton: from nothing, the checks name everything that is missing, each on a
// page of the editor.
func TestSkeleton(t *testing.T) {
	f := fault.FieldsOf(Skeleton("new").Validate())
	for _, want := range []string{"name", "indicators", "levels", "measures", "groups", "campaigns", "sheets", "trees", "grades"} {
		if _, ok := f[want]; !ok {
			t.Errorf("%s is not missing: %v", want, f)
		}
	}
	for place := range f {
		if !slices.Contains(PageKeys, PageOf(place)) {
			t.Errorf("no page answers for %s", place)
		}
	}
	for _, place := range []string{"tree.x", "part.y", "line", "reasons", "rules", "disclosure"} {
		if !slices.Contains(PageKeys, PageOf(place)) {
			t.Errorf("no page answers for %s", place)
		}
	}
}

// TestShow: sums, conditions, what is filled in.
func TestShow(t *testing.T) {
	sc := rich(t)
	p, _ := Form(sc, "items")
	v := typedOn(t, sc, p, url.Values{"indicators.0.weight": {"10"}})
	x := Show(p, v)
	if x[0].Even || x[0].Total.Equal(evaluation.Frac(100, 1)) || len(x[0].Rows) != len(sc.Indicators) {
		t.Errorf("sum %s, left %s", x[0].Total.Plain(), x[0].Left.Plain())
	}
	var b bytes.Buffer
	for _, p := range forms(t, sc) {
		v, _ := Fill(sc, p)
		for _, s := range Show(p, v) {
			for _, r := range s.Rows {
				for _, c := range append(slices.Clone(r.Cells), r.More...) {
					b.WriteString(c.Name + "=" + c.Value + strings.Join(c.Values, "|") + "\n")
				}
			}
		}
	}
	for _, want := range []string{"part.source.full_at=", "quarters.0.code=1", "group.trim_lines=", "groups.1.into=", "levels.0.name=", "ties.then="} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no field %s", want)
		}
	}
}
