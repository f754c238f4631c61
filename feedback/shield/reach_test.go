package shield

import (
	"fmt"
	"testing"
)

// TestM11Survivorship: with planted silence of dissatisfied companies the page shows
// the gap and its direction, and none without.
func TestM11Survivorship(t *testing.T) {
	var planted, even []Invited
	for i := range 100 {
		unhappy := i < 30
		answered := i%10 < 7 // seven of ten
		even = append(even, Invited{Unhappy: unhappy, Answered: answered, Dealt: true})
		planted = append(planted, Invited{Unhappy: unhappy, Answered: answered && (!unhappy || i%10 < 2), Dealt: true})
	}
	p, e := TiltOf(planted), TiltOf(even)
	if !p.Known || p.Others.Rate() != 70 || p.Unhappy.Rate() != 20 || p.Gap() != 50 || p.Unhappy.Silent != 24 {
		t.Errorf("planted: %+v, gap %d", p, p.Gap())
	}
	if e.Gap() != 0 {
		t.Errorf("even: gap %d", e.Gap())
	}
	if TiltOf(planted[:33]).Known {
		t.Error("three others are shown")
	}
}

// Groups under the floor never stand alone, nor follow from the rest.
func TestReachFloor(t *testing.T) {
	for _, c := range []struct {
		sizes map[string]int
		want  string
	}{
		{map[string]int{"food": 9, "wood": 5}, "food 9, wood 5"},
		{map[string]int{"food": 9, "wood": 4, "ore": 3}, "food 9, rest 7"},
		{map[string]int{"food": 9, "wood": 6, "ore": 3}, "food 9, rest 9"},
		{map[string]int{"food": 3}, ""},
		{map[string]int{"food": 5, "ore": 1}, "rest 6"},
	} {
		var all []Invited
		for sector, n := range c.sizes {
			for range n {
				all = append(all, Invited{Sector: sector})
			}
		}
		got := ""
		for i, r := range ReachBy(all, func(i Invited) string { return i.Sector }) {
			if i > 0 {
				got += ", "
			}
			got += fmt.Sprintf("%s %d", r.Key, r.Invited)
		}
		if got != c.want {
			t.Errorf("%v: %s, want %s", c.sizes, got, c.want)
		}
	}
}
