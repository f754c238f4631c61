package evaluation

import (
	"testing"

	"pingyi/org"
)

// TestSatisfactionUnderOtherLevels: the sources that read a company's satisfaction at
// the close of an issue work under a scheme whose ballot has three levels of its own.
func TestSatisfactionUnderOtherLevels(t *testing.T) {
	own := func(code string, value int) Level {
		return Level{Code: code, Value: value, Name: org.Names{ZH: code, EN: code, RU: code}}
	}
	facts := IssueFacts{All: 4, Solved: 1, Ratings: map[string]int{"vs": 1, "s": 1, "d": 1, "vd": 1, "never": 7}}
	for name, tt := range map[string]struct {
		levels     []Level
		mean, rate string
	}{
		"national":  {NJDefault().Levels, "52.50", "50.00"},                                        // (100+80+30+0)/4
		"three own": {[]Level{own("good", 90), own("fair", 60), own("bad", 20)}, "52.50", "50.00"}, // issues ask by the national five
		"some":      {[]Level{{Code: "vs", Value: 100}, {Code: "s", Value: 70}, {Code: "d", Value: 10}}, "45.00", "25.00"},
	} {
		s := &Scheme{Levels: tt.levels}
		if got := s.satisfaction(&Source{MinRated: 3}, facts).Score.Text(2); got != tt.mean {
			t.Errorf("%s: mean %s, want %s", name, got, tt.mean)
		}
		if got := s.rate(&Source{Of: "satisfied", AtLeast: 80}, facts).Score.Text(2); got != tt.rate {
			t.Errorf("%s: rate %s, want %s", name, got, tt.rate)
		}
	}
}
