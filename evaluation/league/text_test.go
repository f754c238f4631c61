package league

import (
	"strings"
	"testing"

	"pingyi/evaluation/rank"
)

func TestCellsOfText(t *testing.T) {
	for text, want := range map[string]int{"": 0, "tax": 3, "税务局": 6, "ＡＢ": 4, "e\u0301": 1, "─●┤": 3} {
		if got := cells(text); got != want {
			t.Errorf("cells(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestLabelsCannotCommandTheTerminal(t *testing.T) {
	if got := short("\x1b[2Jtax\n"); got != "\ufffd[2Jtax\ufffd" {
		t.Errorf("control characters: %q", got)
	}
	long := short(strings.Repeat("县", 40))
	if cells(long) > nameWidth || !strings.HasSuffix(long, "…") {
		t.Errorf("long label: %q", long)
	}
}

func TestPicture(t *testing.T) {
	for _, tt := range []struct {
		low, rank, high, p int
		want               string
	}{
		{1, 1, 1, 1, "●"},
		{1, 2, 3, 3, "├──────────────────●───────────────────┤"},
		{2, 2, 2, 2, strings.Repeat(" ", 39) + "●"},
		{40, 40, 40, 40, strings.Repeat(" ", 39) + "●"},
	} {
		got := picture(tt.low, tt.rank, tt.high, tt.p)
		if strings.TrimRight(got, " ") != tt.want || cells(got) != strip {
			t.Errorf("picture(%d, %d, %d, %d) = %q, want %q", tt.low, tt.rank, tt.high, tt.p, got, tt.want)
		}
	}
}

// Chinese and Latin names stand in one column.
func TestSetsAsText(t *testing.T) {
	q, err := ParseQuestion([]byte(`{"theta":[1,9,5],"se":[0.1,0.1,0.1],"names":["税务局","Bureau","住建局二"]}`))
	if err != nil {
		t.Fatal(err)
	}
	a, err := Sets(q, rank.Options{Coverage: 0.95, Draws: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := a.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `rank  set  name      estimate  1                                      3
   1  1-1  Bureau           9  ●
   2  2-2  住建局二         5                     ●
   3  3-3  税务局           1                                         ●

coverage 0.95, seed 20240, 1000 draws
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestDefectsOfQuestionsAreNamed(t *testing.T) {
	tests := []struct{ question, want string }{
		{``, "not an object in JSON"},
		{`[1]`, "not an object in JSON"},
		{`{"theta":[1]} {}`, "something after the object"},
		{`{}`, "theta is missing"},
		{`{"theta":[1,2]}`, "either se or Sigma"},
		{`{"theta":[1,2],"se":[1,1],"Sigma":[[1,0],[0,1]]}`, "either se or Sigma"},
		{`{"theta":[1,2],"se":[1]}`, "1 standard errors for 2 estimates"},
		{`{"theta":[1,2],"se":[1,-1]}`, "standard error 2 is negative"},
		{`{"theta":[1,2],"Sigma":[[1,0]]}`, "Sigma has 1 rows"},
		{`{"theta":[1,2],"Sigma":[]}`, "Sigma is empty"},
		{`{"theta":[1,2],"Sigma":[[1,0],[0]]}`, "1 columns in row 2"},
		{`{"theta":[1,2],"Sigma":[[1,3],[3,1]]}`, "positive semidefinite"},
		{`{"theta":[1,2],"se":[1,1],"names":["a"]}`, "1 names for 2 estimates"},
		{`{"theta":[1,2],"se":[1,1],"coverage":0}`, "coverage"},
		{`{"theta":[1,2],"se":[1,1],"coverage":1.5}`, "coverage"},
		{`{"theta":[1,2],"se":[1,1],"cstype":"both"}`, `cstype "both"`},
		{`{"theta":[1,2],"se":[1,1],"indices":[0]}`, "out of range or named twice: 0"},
		{`{"theta":[1,2],"se":[1,1],"kind":"best"}`, `kind "best"`},
		{`{"theta":[1,2],"se":[1,1],"kind":"taubest"}`, "tau must lie between"},
	}
	for _, tt := range tests {
		q, err := ParseQuestion([]byte(tt.question))
		if err == nil {
			_, err = Sets(q, rank.Options{Coverage: 0.95})
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.question, err, tt.want)
		}
	}
}
