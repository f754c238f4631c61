package league

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"pingyi/evaluation/mixed"
)

// Columns say which columns of a file hold what.
type Columns struct {
	Rater, Department, Score string
	Fixed                    []string // known facts to adjust for
	Factors                  []string // further groupings with random effects
}

// Names returns all columns.
func (c Columns) Names() []string {
	return slices.Concat([]string{c.Rater, c.Department, c.Score}, c.Fixed, c.Factors)
}

// Check refuses missing and repeated names.
func (c Columns) Check() error {
	if c.Rater == "" || c.Department == "" || c.Score == "" {
		return errors.New("the columns of rater, department and score must be named")
	}
	seen := map[string]bool{}
	for _, n := range c.Names() {
		switch {
		case n == "":
			return errors.New("a column without a name")
		case seen[n]:
			return fmt.Errorf("column %q is named twice", n)
		case n == residual:
			return fmt.Errorf("a column cannot be called %q: the result has that name for the residual variance", n)
		}
		seen[n] = true
	}
	return nil
}

// residual is the name of the residual variance among those of the columns.
const residual = "residual"

// ratings are the rows of a table that have a score, as numbers.
type ratings struct {
	data      mixed.Data
	labels    [][]string        // by factor: sorted
	baselines map[string]string // by categorical fixed column: the level the others are compared with
	constant  []string          // fixed columns with one category only
	skipped   int               // rows without a score
}

// maxCategories is the number of categories of a fixed column beyond which a
// mistake is likelier than an intention.
const maxCategories = 100

func (t *Table) ratings(c Columns) (*ratings, error) {
	r := &ratings{baselines: map[string]string{}}
	var rows []int // index in the table
	for i, text := range t.Columns[c.Score] {
		if text == "" {
			r.skipped++
			continue
		}
		y, ok := t.number(text)
		if !ok {
			return nil, fmt.Errorf("column %q, row %d: %q is not a number", c.Score, t.Rows[i], short(text))
		}
		r.data.Y = append(r.data.Y, y)
		rows = append(rows, i)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("column %q has no scores", c.Score)
	}
	for _, name := range slices.Concat([]string{c.Rater, c.Department}, c.Factors) {
		texts, err := t.filled(name, rows)
		if err != nil {
			return nil, err
		}
		labels, of := levels(texts)
		r.labels = append(r.labels, labels)
		r.data.Factors = append(r.data.Factors, mixed.Factor{Name: name, Levels: len(labels), Of: of})
	}
	for _, name := range c.Fixed {
		texts, err := t.filled(name, rows)
		if err != nil {
			return nil, err
		}
		if err := r.addFixed(t, name, texts); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// number reads a finite decimal number. Files that do not separate columns by
// commas may have decimal commas.
func (t *Table) number(text string) (float64, bool) {
	if t.decimalComma {
		text = strings.Replace(text, ",", ".", 1)
	}
	if strings.ContainsAny(text, "xX_pPiInN") {
		return 0, false // hexadecimal, infinite and the like: nobody's scores
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// filled returns a column in the rows that have a score; none may be empty there.
func (t *Table) filled(name string, rows []int) ([]string, error) {
	out := make([]string, len(rows))
	for k, i := range rows {
		if out[k] = t.Columns[name][i]; out[k] == "" {
			return nil, fmt.Errorf("column %q, row %d: empty, but the row has a score", name, t.Rows[i])
		}
	}
	return out, nil
}

// levels returns the distinct labels, sorted, and the place of each text among them.
func levels(texts []string) ([]string, []int32) {
	at := map[string]int32{}
	for _, text := range texts {
		at[text] = 0
	}
	labels := make([]string, 0, len(at))
	for l := range at {
		labels = append(labels, l)
	}
	sortLabels(labels)
	for i, l := range labels {
		at[l] = int32(i)
	}
	of := make([]int32, len(texts))
	for i, text := range texts {
		of[i] = at[text]
	}
	return labels, of
}

// sortLabels sorts by number when all labels are integers, else by bytes.
func sortLabels(labels []string) {
	numbers := make(map[string]int64, len(labels))
	for _, l := range labels {
		n, err := strconv.ParseInt(l, 10, 64)
		if err != nil {
			slices.Sort(labels)
			return
		}
		numbers[l] = n
	}
	slices.SortFunc(labels, func(a, b string) int { return cmp.Or(cmp.Compare(numbers[a], numbers[b]), cmp.Compare(a, b)) })
}

// addFixed adds a column of numbers as it is; of other texts, a column per category
// but the first, named as in R: column, then category (treatment contrasts).
func (r *ratings) addFixed(t *Table, name string, texts []string) error {
	x := make([]float64, len(texts))
	numeric := true
	for i := 0; i < len(texts) && numeric; i++ {
		x[i], numeric = t.number(texts[i])
	}
	if numeric {
		r.data.Fixed = append(r.data.Fixed, mixed.Column{Name: name, X: x})
		return nil
	}
	labels, of := levels(texts)
	switch {
	case len(labels) > maxCategories:
		return fmt.Errorf("column %q has %d categories, more than %d: is it a further factor (--factor)?", name, len(labels), maxCategories)
	case len(labels) == 1:
		r.constant = append(r.constant, name)
	}
	r.baselines[name] = labels[0]
	for l := 1; l < len(labels); l++ {
		x := make([]float64, len(texts))
		for i := range x {
			if of[i] == int32(l) {
				x[i] = 1
			}
		}
		r.data.Fixed = append(r.data.Fixed, mixed.Column{Name: name + labels[l], X: x})
	}
	return nil
}

// means returns the plain mean score of each level of a factor, summed in order of
// size, so that the order of the rows leaves no trace.
func (r *ratings) means(factor int) []float64 {
	f := r.data.Factors[factor]
	scores := make([][]float64, f.Levels)
	for i, l := range f.Of {
		scores[l] = append(scores[l], r.data.Y[i])
	}
	out := make([]float64, f.Levels)
	for l, s := range scores {
		slices.Sort(s)
		sum := 0.0
		for _, y := range s {
			sum += y
		}
		out[l] = sum / float64(max(1, len(s)))
	}
	return out
}

// partners counts the different levels of one factor that each level of another met.
func (r *ratings) partners(of, with int) []int {
	a, b := r.data.Factors[of], r.data.Factors[with]
	pairs := make([]int64, len(a.Of))
	for i := range pairs {
		pairs[i] = int64(a.Of[i])<<32 | int64(b.Of[i])
	}
	slices.Sort(pairs)
	out := make([]int, a.Levels)
	for _, p := range slices.Compact(pairs) {
		out[p>>32]++
	}
	return out
}

// rounded takes away the last digits, which are rounding errors, so that equal
// scores tie.
func rounded(scores []float64, unit float64) []float64 {
	out := slices.Clone(scores)
	if unit > 0 {
		for i := range out {
			out[i] = math.Round(out[i] / unit)
		}
	}
	return out
}
