package league

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"pingyi/evaluation/mixed"
)

const countyData = "../mixed/testdata/county/"

func readPacked(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if content, err = unpack(content); err != nil {
		t.Fatal(err)
	}
	return content
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	var content []byte
	if strings.HasSuffix(name, ".gz") {
		content = readPacked(t, name)
	} else {
		var err error
		if content, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatal(err)
	}
}

// countyLines makes a csv file of the synthetic county: the overall score is the
// weighted mean of the indicators present.
func countyLines(t testing.TB) []string {
	t.Helper()
	sector := map[string]string{}
	for line := range strings.Lines(string(readPacked(t, countyData+"companies.csv.gz"))) {
		c := strings.Split(strings.TrimSpace(line), ",")
		sector[c[0]] = c[1]
	}
	weights := []float64{0.25, 0.25, 0.20, 0.15, 0.15}
	var lines []string
	for line := range strings.Lines(string(readPacked(t, countyData+"ratings.csv.gz"))) {
		c := strings.Split(strings.TrimSpace(line), ",")
		if c[0] == "company" {
			lines = append(lines, "company,department,sector,overall")
			continue
		}
		sum, total := 0.0, 0.0
		for i, w := range weights {
			if stars, err := strconv.ParseFloat(c[2+i], 64); err == nil {
				sum += w * stars
				total += w
			}
		}
		score := ""
		if total > 0 {
			score = strconv.FormatFloat(sum/total, 'g', -1, 64)
		}
		lines = append(lines, strings.Join([]string{c[0], c[1], sector[c[0]], score}, ","))
	}
	return lines
}

var countyColumns = Columns{Rater: "company", Department: "department", Score: "overall", Fixed: []string{"sector"}}

func compute(t testing.TB, lines []string, o Options) *Result {
	t.Helper()
	table, err := Read([]byte(strings.Join(lines, "\n")), o.Columns.Names())
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compute(table, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The figures are lme4's. Its baseline is another sector, which changes the
// intercept but no department's effect.
func TestCountyAgreesWithLme4(t *testing.T) {
	var reference struct {
		Models map[string]struct {
			Criterion     float64
			Theta         map[string]float64
			FixedEffects  map[string]float64 `json:"fixed_effects"`
			RandomEffects map[string][]struct {
				Level              string
				N                  int
				BLUP, CondVar, PEV float64
			} `json:"random_effects"`
		}
	}
	readJSON(t, countyData+"reference.json.gz", &reference)
	want := reference.Models["overall_sector_REML"]
	got := compute(t, countyLines(t), Options{Columns: countyColumns, Coverage: 0.95, Draws: 1000, WithRaters: true, Minimum: Minimum{10, 0.7}})
	if got.N != 23444 || got.Method != "REML" || math.Abs(got.Criterion-want.Criterion) > 1e-5 {
		t.Errorf("n %d, %s, criterion %.9f, want %.9f", got.N, got.Method, got.Criterion, want.Criterion)
	}
	for name, theta := range want.Theta {
		if math.Abs(got.Theta[name]-theta) > 2e-6 {
			t.Errorf("theta of %s = %v, want %v", name, got.Theta[name], theta)
		}
	}
	if got.Baselines["sector"] != "agriculture" {
		t.Errorf("baselines %v", got.Baselines)
	}
	for _, c := range got.Fixed {
		shift := want.FixedEffects["sectoragriculture"]
		w := want.FixedEffects[c.Name] - shift // 0 for manufacturing, their baseline
		if c.Name == "(Intercept)" {
			w += 2 * shift
		}
		if math.Abs(*c.Estimate-w) > 2e-6 {
			t.Errorf("%s = %v, want %v", c.Name, *c.Estimate, w)
		}
	}
	levels := map[string]Level{}
	for _, d := range got.Departments {
		levels["department "+d.ID] = d.Level
		if d.Score != *got.Fixed[0].Estimate+d.Effect {
			t.Errorf("score of %s is not intercept and effect", d.ID)
		}
		if few := d.ID == "18" || d.ID == "34"; few != (d.Status == NotRanked) || few != (d.Rank == nil) || few != (d.Tier == nil) {
			t.Errorf("department %s with %d raters: %s", d.ID, d.Raters, d.Status)
		}
	}
	for _, l := range got.Raters {
		levels["company "+l.ID] = l
	}
	for factor, list := range want.RandomEffects {
		for _, w := range list {
			l := levels[factor+" "+w.Level]
			if l.N != w.N || math.Abs(l.Effect-w.BLUP) > 2e-6 || math.Abs(l.ConditionalVariance/w.CondVar-1) > 1e-4 || math.Abs(l.PredictionVariance/w.PEV-1) > 1e-4 {
				t.Errorf("%s %s: %+v, want %+v", factor, w.Level, l, w)
			}
		}
	}
}

// The whole way from ratings to sets, against the sets of the method's authors for
// the estimates of lme4.
func TestCountySetsAreThoseOfTheReference(t *testing.T) {
	var reference struct {
		Cases []struct {
			Name     string
			Expected struct {
				L, U           []int
				LRange, URange [][2]int
				Stable         []bool
			}
		}
	}
	readJSON(t, "../rank/testdata/cases.json", &reference)
	c := countyColumns
	c.Fixed = nil
	got := compute(t, countyLines(t), Options{Columns: c, Coverage: 0.95})
	compared := 0
	for _, w := range reference.Cases {
		if w.Name != "county60_overall_simul" {
			continue
		}
		for j, d := range got.Departments {
			// A rank by shrunken effect may widen a set; none does here.
			if w.Expected.Stable[j] && (*d.RankLow != w.Expected.L[j] || *d.RankHigh != w.Expected.U[j]) {
				t.Errorf("department %s: %d..%d, want %d..%d", d.ID, *d.RankLow, *d.RankHigh, w.Expected.L[j], w.Expected.U[j])
			}
			compared++
		}
	}
	if compared != 60 {
		t.Errorf("%d departments compared", compared)
	}
}

// Fairness in one figure: against the planted truth the adjusted scores have at
// most 60 % of the squared error of the plain means.
func TestAdjustedScoresAreNearerTheTruth(t *testing.T) {
	var truth struct {
		Departments []struct {
			ID      int
			Quality []float64 `json:"quality_by_indicator"`
		}
	}
	readJSON(t, countyData+"truth.json.gz", &truth)
	weights := []float64{0.25, 0.25, 0.20, 0.15, 0.15}
	quality := map[string]float64{}
	for _, d := range truth.Departments {
		for i, w := range weights {
			quality[fmt.Sprint(d.ID)] += w * d.Quality[i]
		}
	}
	got := compute(t, countyLines(t), Options{Columns: countyColumns, Coverage: 0.95, Draws: 1000})
	var plain, adjusted []float64
	for _, d := range got.Departments {
		plain = append(plain, d.Mean-quality[d.ID])
		adjusted = append(adjusted, d.Score-quality[d.ID])
	}
	p, a := spread(plain), spread(adjusted)
	t.Logf("root mean squared error: plain means %.4f, adjusted scores %.4f", math.Sqrt(p), math.Sqrt(a))
	if len(plain) != 60 || a > 0.6*p {
		t.Errorf("squared error of %d adjusted scores %.5f, of plain means %.5f: more than 60 %%", len(plain), a, p)
	}
}

// spread is the mean square around the mean: scores are compared up to a constant.
func spread(x []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sum += (v - mean) * (v - mean) / float64(len(x))
	}
	return sum
}

// The order of the rows leaves no trace, not in a single byte.
func TestRowOrderDoesNotMatter(t *testing.T) {
	lines := countyLines(t)[:4000]
	o := Options{Columns: countyColumns, Coverage: 0.9, Draws: 500, Seed: 4, WithRaters: true, Method: mixed.ML}
	first := show(t, compute(t, lines, o))
	g := rand.New(rand.NewPCG(1, 1))
	for range 2 {
		g.Shuffle(len(lines)-1, func(i, k int) { lines[1+i], lines[1+k] = lines[1+k], lines[1+i] })
		if !bytes.Equal(first, show(t, compute(t, lines, o))) {
			t.Fatal("shuffled rows give another result")
		}
	}
}

func show(t testing.TB, r *Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(r); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func BenchmarkCounty(b *testing.B) {
	content := []byte(strings.Join(countyLines(b), "\n"))
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(content)
	_ = z.Close()
	for b.Loop() {
		table, err := Read(packed.Bytes(), countyColumns.Names())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Compute(table, Options{Columns: countyColumns, Coverage: 0.95, Minimum: Minimum{10, 0.7}}); err != nil {
			b.Fatal(err)
		}
	}
}
