package passing

import (
	"math"
	"testing"

	"pingyi/org"
)

// Pairs of characters counted by hand: 停电频繁 has 停电 电频 频繁, 频繁停电 has 频繁 繁停
// 停电: two in common of four.
func TestLikeness(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"停电频繁", "频繁停电", 0.5},
		{"停电频繁", "停电频繁！", 1},
		{"停电", "补贴", 0},
		{"", "停电", 0},
		{"Частые отключения электричества", "частые отключение электричество", 1},
	} {
		if got := likeness(grams(c.a), grams(c.b)); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s, %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// Many similar issues of several companies are one structural problem; one company
// that complains often is none, nor is what lies with another unit.
func TestBarriers(t *testing.T) {
	n := int64(0)
	add := func(company, unit, category int, title string) Complaint {
		n++
		return Complaint{Issue: n, Company: org.CompanyID(company), Unit: org.UnitID(unit), Category: category, Title: title, Body: "请协调解决。"}
	}
	all := []Complaint{
		add(1, 1, 8, "园区频繁停电影响生产"), add(2, 1, 8, "频繁停电，一周三次"), add(3, 1, 8, "生产线因频繁停电报废"),
		add(4, 1, 8, "变压器增容报装没有期限"),
		add(1, 2, 8, "频繁停电影响生产"), add(2, 2, 8, "频繁停电"),
		add(5, 1, 5, "补助资金没有拨付"), add(5, 1, 5, "补助资金仍没有拨付"), add(5, 1, 5, "补助资金至今没有拨付"),
		add(6, 0, 8, "频繁停电"),
	}
	got := Barriers(all)
	if len(got) != 1 || got[0].Unit != 1 || got[0].Companies != 3 || len(got[0].Issues) != 3 {
		t.Fatalf("clusters: %+v", got)
	}
	if w := got[0].Words; len(w) == 0 || w[0] != "停电" && w[0] != "频繁" {
		t.Errorf("what they share: %v", w)
	}
}
