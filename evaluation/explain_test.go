package evaluation

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pingyi/org"
)

// said writes sentences as keys and arguments, one a line, those below indented.
func said(list []Sentence, indent string) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(indent + told(s) + "\n" + said(s.Below, indent+" "))
	}
	return b.String()
}

func told(arg any) string {
	switch x := arg.(type) {
	case Sentence:
		parts := []string{strings.TrimPrefix(x.Key, "say.")}
		for i := 1; i < len(x.Args); i += 2 {
			parts = append(parts, told(x.Args[i]))
		}
		return strings.Join(parts, " ")
	case Terms:
		parts := make([]string, len(x))
		for i, y := range x {
			parts[i] = told(y)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Exact:
		return x.Plain()
	case org.Names:
		return x.EN
	}
	return fmt.Sprint(arg)
}

func chapter(s *Scheme, key, code string) string {
	for _, c := range s.Explain() {
		if c.Key == key && c.Code == code {
			return said(c.Says, "")
		}
	}
	return "no chapter " + key
}

func richScheme(t *testing.T) *Scheme {
	t.Helper()
	b, err := os.ReadFile("editor/testdata/rich.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ReadScheme(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestExplain: what a scheme says of itself, held against its rules read by hand.
func TestExplain(t *testing.T) {
	nj, rich := NJDefault(), richScheme(t)
	for name, tt := range map[string]struct{ got, want string }{
		"default groups": {chapter(nj, "groups", ""), `trim-share 7 5
least 5 10
groups
 group group.G1 50
 group group.G2 20
 group group.G3 10
 group group.G4 10
 group group.G5 10
`},
		"default tree": {chapter(nj, "tree", "all"), `tree-all
base
 part Appraisal by companies 50 from-appraisal Overall score
  part-required
 part Visits and feedback sheets 20 say.made-of
  part Sheet score 75 from-sheets 3
  part Visits with a returned sheet 25 from-visits
 part Handling of issues 20 say.made-of
  part Responded in time 20 from-rate-response
  part Solved in time 40 from-rate-solved
  part Satisfaction with the handling 40 from-satisfaction 3
 part Tasks of the year 10 say.made-of
  part Arrived funds of the target 50 from-target 100
  part Environment tasks done in time 50 from-tasks
absent-share
`},
		"default grades": {chapter(nj, "grades", ""), "grade-from Excellent 90\ngrade-from Good 80\ngrade-from Fair 70\ngrade-rest Poor\n"},
		"own levels":     {chapter(rich, "ballot", ""), "items [weighted Attitude 40, weighted Efficiency 35, weighted Policy delivery and kept promises 25]\nlevels [valued Good 100, valued Fair 60, valued Bad 0]\nreasons [Bad]\nline 50\n"},
		"measures":       {chapter(rich, "measures", ""), "measure-mean Overall score say.all-items\nmeasure-top Share of satisfied [Attitude, Efficiency] [Good]\nmeasure-net Net share say.all-items [Good] [Bad]\n"},
		"missing groups": {chapter(rich, "groups", ""), "trim-count 9 1\nleast 6 12\ngroups\n group group.G1 50\n group group.G2 30\n  group-merge group.G1\n group group.G4 20\n  group-neutral 70\n  group-least 8\n"},
		"panels":         {chapter(rich, "panels", ""), "panel-drop Leaders 5 1\npanel Survey\n"},
		"tree of classes": {chapter(rich, "tree", "offices"), `tree-classes [class.1, class.2]
base
 part Appraisal 45 from-appraisal Overall score
  scale-z 70 10
  part-required
 part Satisfied 5 from-appraisal Share of satisfied
 part Visits 20 say.made-of
  part Sheets 75 from-sheets 3
   quarters [weighted quarter.1 20, weighted quarter.2 20, weighted quarter.3 20, weighted quarter.4 40]
  part Returned 25 from-visits
   scale-minmax
 part Satisfied at close 15 from-rate-satisfied 80
  absent-neutral 60
 part Leaders 15 from-panel Leaders
  scale-percentile
  absent-zero
absent-share
`},
		"bonus":     {chapter(rich, "bonus", ""), "bonus\n rule Funds brought points-one 0.5 0.5\n  each-started 500 10,000 yuan\n  rule-cap 4\n rule Praise points-one 0.2 0.2\n  rule-cap 1\n  company-once\n rule Early points-one 0.5 0.5\n  counted-orders\nbonus-cap 5\n"},
		"deduction": {chapter(rich, "deduction", ""), "deduction\n rule Overdue points-one 0.2 0.2\n  counted-overdue 5\n  per-case 2\n rule Buck-passing points-many [2, 3, 5]\n rule Criticised percent-one 5\n  rule-cap 10\ndeduction-cap 20\n"},
		"vetoes":    {chapter(rich, "veto", ""), "veto-entered Retaliation\n effect-last\n effect-grade Poor\n effect-not-listed\nveto-times Three times Buck-passing 3\n effect-grade Pass\nveto-line Failed Appraisal 60\n effect-cap 79.99\n"},
		"total":     {chapter(rich, "total", ""), "total 0 110\nrounding 3 say.round-half_even 2\nties-then [Appraisal, say.chapter-deduction]\nties-dense\ntiers\n"},
		"quota":     {chapter(rich, "grades", ""), "grade-both Excellent 85 20\ngrade-share Good 40\ngrade-from Pass 60\ngrade-rest Poor\n"},
		"lists":     {chapter(rich, "lists", ""), "list-best Best\n list-share 20\n list-most 3\n list-grades [Excellent]\n list-tier-best\n list-without [Buck-passing]\nlist-worst Called in\n list-most 2\n list-unless 80\n"},
		"floors":    {chapter(rich, "fairness", ""), "disclosure 6 12\nfairness 12 0.6 90\n"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s:\n%swant:\n%s", name, tt.got, tt.want)
		}
	}
}

// TestExplainUnfinished: a scheme with nothing in it, and one whose parts refer to
// what is not there, are explained all the same.
func TestExplainUnfinished(t *testing.T) {
	var keys []string
	for _, c := range (&Scheme{}).Explain() {
		for _, s := range c.Says {
			keys = append(keys, s.Key)
		}
	}
	if !slices.Contains(keys, "say.open") {
		t.Errorf("nothing is open: %v", keys)
	}
	s := &Scheme{Trees: []Tree{{Parts: []Node{{Code: "A", Source: &Source{Kind: FromAppraisal, Measure: "gone"}}, {Code: "B", Source: &Source{Kind: FromPanel}, Scale: &Scale{}}, {Code: "C", Source: &Source{Kind: "new"}}, {Code: "D"}}}},
		Bonus: []AddRule{{Code: "B1"}, {Code: "B2", Points: []Exact{None}}}, Veto: []VetoRule{{Code: "V", Rule: "gone", Times: 2}}, Lists: []List{{Code: "l", Grades: []string{"gone"}}}, Measures: []Measure{{Code: "m", Statistic: StatNet, Best: 9, Worst: 9}}}
	if got := chapter(s, "tree", ""); strings.Count(got, "open") != 5 {
		t.Errorf("tree:\n%s", got)
	}
}
