package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"
)

// runRank runs the command as main does and returns what it printed and its exit
// code with the message.
func runRank(t testing.TB, stdin string, args ...string) (out string, code int, message string) {
	t.Helper()
	var b bytes.Buffer
	cmd := root(map[string]string{})
	cmd.SetArgs(append([]string{"rank"}, args...))
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetOut(&b)
	cmd.SetErr(io.Discard)
	ran, err := cmd.ExecuteC()
	if err == nil {
		return b.String(), 0, ""
	}
	var c checked
	switch {
	case errors.As(err, &c):
		code = c.code
	case ran.Annotations[checks] != "":
		code = 2
	default:
		code = 1
	}
	return b.String(), code, err.Error()
}

// rankResult is what a program reads of the JSON; written down here anew, so that a
// renamed member is found.
type rankResult struct {
	Method          string
	N               int
	Skipped         int `json:"skipped_rows"`
	Criterion       float64
	Theta, Variance map[string]float64
	Fixed           []struct {
		Name         string
		Estimate, SE *float64
	}
	Baselines   map[string]string
	Departments []rankLevel
	Factors     map[string][]rankLevel
	Raters      []rankLevel
	Warnings    []struct{ Code, Message string }
}

type rankLevel struct {
	ID                  string
	N, Raters           int
	Mean, Effect        float64
	ConditionalVariance float64 `json:"conditional_variance"`
	PredictionVariance  float64 `json:"prediction_variance"`
	Score, Reliability  float64
	Rank, Tier          *int
	RankLow             *int `json:"rank_low"`
	RankHigh            *int `json:"rank_high"`
	Status              string
}

func rankJSON(t testing.TB, args ...string) rankResult {
	t.Helper()
	out, code, message := runRank(t, "", append(args, "--json")...)
	if code != 0 {
		t.Fatalf("rank %v: exit code %d, %s", args, code, message)
	}
	var r rankResult
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// fitted is a model of the reference data: estimates of lme4.
type fitted struct {
	Note          string
	Criterion     json.Number
	Theta         map[string]float64
	Components    map[string]float64         `json:"variance_components"`
	FixedEffects  map[string]json.RawMessage `json:"fixed_effects"`
	RandomEffects map[string][]fittedLevel   `json:"random_effects"`
	BLUPs         []fittedLevel              `json:"blups_d"`
}

type fittedLevel struct {
	Level              string
	N                  int
	BLUP, CondVar, PEV float64
}

const mixedData = "evaluation/mixed/testdata/"

func fits(t testing.TB, dataset string) map[string]fitted {
	t.Helper()
	f, err := os.Open(mixedData + dataset + "/reference.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ Models map[string]fitted }
	if err := json.NewDecoder(z).Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r.Models
}

// compare checks a result against lme4. Levels are found by factor, the raters and
// departments in their own lists.
func (f fitted) compare(t *testing.T, r rankResult, lists map[string][]rankLevel) {
	t.Helper()
	if want, _ := f.Criterion.Float64(); math.Abs(r.Criterion-want) > 1e-5 {
		t.Errorf("criterion %.9f, want %.9f", r.Criterion, want)
	}
	for name, want := range f.Theta {
		if math.Abs(r.Theta[name]-want) > 1e-4 {
			t.Errorf("theta of %s = %v, want %v", name, r.Theta[name], want)
		}
	}
	for name, want := range f.Components {
		if name == "Residual" {
			name = "residual"
		}
		if math.Abs(r.Variance[name]-want) > 1e-3*want+1e-12 {
			t.Errorf("variance of %s = %v, want %v", name, r.Variance[name], want)
		}
	}
	for factor, want := range f.RandomEffects {
		got := map[string]rankLevel{}
		for _, l := range lists[factor] {
			got[l.ID] = l
		}
		for _, w := range want {
			l := got[w.Level]
			if l.N != w.N || math.Abs(l.Effect-w.BLUP) > 1e-4 || math.Abs(l.ConditionalVariance-w.CondVar) > 1e-3*w.CondVar || math.Abs(l.PredictionVariance-w.PEV) > 1e-3*w.PEV {
				t.Errorf("%s %s: %+v, want %+v", factor, w.Level, l, w)
			}
		}
	}
}

func TestRankScotsSec(t *testing.T) {
	args := []string{mixedData + "lmm-small/scotssec.csv.gz", "--rater", "primary", "--department", "second", "--score", "y", "--fixed", "sexF", "--raters"}
	for _, method := range []string{"REML", "ML"} {
		if method == "ML" {
			args = append(args, "--ml")
		}
		r := rankJSON(t, args...)
		want := fits(t, "lmm-small")["scotssec_"+method]
		want.compare(t, r, map[string][]rankLevel{"primary": r.Raters, "second": r.Departments})
		if r.Method != method || r.N != 3435 || len(r.Departments) != 19 || len(r.Raters) != 148 || len(want.RandomEffects) != 2 {
			t.Errorf("%s: %d ratings, %d departments, %d raters", r.Method, r.N, len(r.Departments), len(r.Raters))
		}
		if len(r.Fixed) != 2 || r.Fixed[1].Name != "sexF" || r.Fixed[1].SE == nil {
			t.Errorf("fixed effects %+v", r.Fixed)
		}
		checkRanks(t, r)
	}
}

// checkRanks checks what holds for every league table.
func checkRanks(t *testing.T, r rankResult) {
	t.Helper()
	for _, d := range r.Departments {
		if (d.Status == "ranked") != (d.N > 1 && d.Raters >= 10 && d.Reliability >= 0.7) {
			t.Errorf("department %s: %d raters, reliability %.3f: %s", d.ID, d.Raters, d.Reliability, d.Status)
		}
		if d.Status == "not-ranked" {
			if d.Rank != nil || d.RankLow != nil || d.RankHigh != nil || d.Tier != nil {
				t.Errorf("department %s is not ranked and has rank, set or tier", d.ID)
			}
			continue
		}
		better := 1
		for _, o := range r.Departments {
			if o.Status == "ranked" && o.Score > d.Score {
				better++
			}
		}
		if *d.Rank != better || *d.RankLow > *d.Rank || *d.Rank > *d.RankHigh || *d.Tier < 1 {
			t.Errorf("department %s: rank %d (%d), set %d..%d, tier %d", d.ID, *d.Rank, better, *d.RankLow, *d.RankHigh, *d.Tier)
		}
	}
}

// The first indicator of the county has empty cells, which are skipped.
func TestRankCounty(t *testing.T) {
	r := rankJSON(t, mixedData+"county/ratings.csv.gz", "--rater", "company", "--department", "department", "--score", "q1", "--raters", "--draws", "2000")
	want := fits(t, "county")["q1_REML"]
	want.compare(t, r, map[string][]rankLevel{"company": r.Raters, "department": r.Departments})
	if r.N != 22236 || r.N+r.Skipped != 23444 {
		t.Errorf("%d ratings, %d skipped", r.N, r.Skipped)
	}
	checkRanks(t, r)
}

func TestRankInstEval(t *testing.T) {
	r := rankJSON(t, mixedData+"insteval/ratings.csv.gz", "--rater", "s", "--department", "d", "--score", "y", "--draws", "500")
	want := fits(t, "insteval")["m1_REML"]
	want.RandomEffects = map[string][]fittedLevel{"d": want.BLUPs}
	want.compare(t, r, map[string][]rankLevel{"d": r.Departments})
	if r.N != 73421 || len(r.Departments) != 1128 || len(want.BLUPs) != 564 {
		t.Errorf("%d ratings, %d departments", r.N, len(r.Departments))
	}
	checkRanks(t, r)
}

// Edge cases: a clear refusal with exit code 2, or a table that owns up to its limits.
func TestRankEdgeCases(t *testing.T) {
	models := fits(t, "lmm-small")
	for _, name := range []string{"constant_scores", "one_rating_per_company", "tiny_saturated"} {
		out, code, message := runRank(t, "", mixedData+"lmm-small/edge_"+name+".csv.gz", "--rater", "company", "--department", "department", "--score", "y", "--json")
		if code != 2 || out != "" || !strings.Contains(message, "no ranking from") {
			t.Errorf("%s: exit code %d, %q, printed %q", name, code, message, out)
		}
	}
	for name, warning := range map[string]string{"department_variance_zero": "zero-variance", "disconnected_graph": "disconnected", "single_rating_department": "single-rating", "two_departments": "tiny", "tiny": "tiny", "plain": "", "repeated_pairs": ""} {
		r := rankJSON(t, mixedData+"lmm-small/edge_"+name+".csv.gz", "--rater", "company", "--department", "department", "--score", "y", "--raters")
		models["edge_"+name].compare(t, r, map[string][]rankLevel{"company": r.Raters, "department": r.Departments})
		checkRanks(t, r)
		found := warning == ""
		for _, w := range r.Warnings {
			found = found || w.Code == warning && w.Message != ""
		}
		if !found {
			t.Errorf("%s: no warning %s in %v", name, warning, r.Warnings)
		}
	}
	// With the bar taken away a single rating still gives no rank, nor do
	// departments between which nothing differs.
	for _, name := range []string{"single_rating_department", "department_variance_zero"} {
		r := rankJSON(t, mixedData+"lmm-small/edge_"+name+".csv.gz", "--rater", "company", "--department", "department", "--score", "y", "--min-raters", "0", "--min-reliability", "0")
		for _, d := range r.Departments {
			if want := d.N > 1 && r.Variance["department"] > 0; (d.Status == "ranked") != want {
				t.Errorf("%s: department %s with %d ratings is %s", name, d.ID, d.N, d.Status)
			}
		}
	}
}

// setCase is a case of the reference sets.
type setCase struct {
	Name, Input, Kind, CSType string
	Coverage                  float64
	StepDown, Simul           bool
	Indices                   []int
	Tau                       int
	Expected                  struct {
		Rank, L, U     []int
		Member, Stable []bool
	}
}

// question is the case as the command reads it.
func (c setCase) question(t *testing.T, input map[string]any) string {
	t.Helper()
	question := map[string]any{"coverage": c.Coverage, "cstype": c.CSType, "stepdown": c.StepDown, "simul": c.Simul, "kind": c.Kind}
	for k, v := range input {
		question[k] = v
	}
	if c.Indices != nil {
		question["indices"] = c.Indices
	}
	if c.Tau > 0 {
		question["tau"] = c.Tau
	}
	in, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	return string(in)
}

// Estimates from elsewhere, one of each kind, answered as the method's authors do.
func TestRankEstimates(t *testing.T) {
	var reference struct {
		Inputs map[string]map[string]any
		Cases  []setCase
	}
	content, err := os.ReadFile("evaluation/rank/testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &reference); err != nil {
		t.Fatal(err)
	}
	for _, c := range reference.Cases {
		if c.Input != "pisa2018_math" && c.Input != "one_tiny_sample" {
			continue
		}
		out, code, message := runRank(t, c.question(t, reference.Inputs[c.Input]), "--estimates", "-", "--json")
		var got struct {
			Rank, L, U []int
			Member     []bool
		}
		if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil {
			t.Fatalf("%s: exit code %d, %s, %v", c.Name, code, message, err)
		}
		for i, stable := range c.Expected.Stable {
			switch {
			case !stable:
			case c.Tau > 0 && got.Member[i] != c.Expected.Member[i]:
				t.Errorf("%s: member %d is %t", c.Name, i+1, got.Member[i])
			case c.Tau == 0 && (got.Rank[i] != c.Expected.Rank[i] || got.L[i] != c.Expected.L[i] || got.U[i] != c.Expected.U[i]):
				t.Errorf("%s: %d has rank %d in %d..%d, want %d in %d..%d", c.Name, i+1, got.Rank[i], got.L[i], got.U[i], c.Expected.Rank[i], c.Expected.L[i], c.Expected.U[i])
			}
		}
	}
	text, code, _ := runRank(t, `{"theta":[3,1],"se":[0.1,0.1],"names":["税务局","Customs"],"kind":"taubest","tau":1}`, "--estimates", "-")
	if code != 0 || !strings.Contains(text, "yes  税务局") || !strings.Contains(text, "no  Customs") {
		t.Errorf("exit code %d\n%s", code, text)
	}
}
