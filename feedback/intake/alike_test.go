package intake

import (
	"math"
	"testing"
)

// TestAlike: pairs made by hand in the three languages, the same matter in other words
// and other matters in like words; three values worked out by hand.
func TestAlike(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"厂区夜间频繁停电", "厂区晚上经常停电", false}, // 厂区, 停电 of 7 pairs each: 2/7, other words are left to people
		{"园区供电频繁中断影响生产", "园区供电经常中断，影响生产", true},
		{"消防验收迟迟没有结果", "消防验收一直没有结果", true},
		{"消防验收迟迟没有结果", "食品经营许可证延期办理", false},
		{"土地使用证办理超过半年", "土地使用证办理拖延半年", true},
		{"招商承诺的厂房补贴没有兑现", "厂房补贴承诺未兑现", true},
		{"招商承诺的厂房补贴没有兑现", "厂房屋顶漏雨无人维修", false},
		{"Задержка возврата экспортного НДС", "Задерживают возврат экспортного НДС", true},
		{"Отказ в продлении визы сотруднику", "Сотруднику отказали в продлении визы", true},
		{"Отказ в продлении визы сотруднику", "Отключения электричества в цеху", false},
		{"Частые отключения электричества в цехе", "Частое отключение электричества в цехах", true},
		{"Power cuts in the industrial park", "Power cut at our industrial park again", true},
		{"Power cuts in the industrial park", "Customs inspection took three weeks", false},
		{"Export tax refund is late", "Late refunds of export tax", true},
	} {
		if got := Alike(c.a, c.b); (got >= AlikeFrom) != c.same {
			t.Errorf("%q and %q: %.2f", c.a, c.b, got)
		}
	}
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"停水停电", "停水", 2.0 * 1 / (3 + 1)}, // 停水 水停 停电; 停水
		{"ＡＢＣＤ１２", "abcd 12", 1},
		{"abcd", "abce", 2.0 * 2 / 6}, // ab bc cd; ab bc ce
		{"", "停水", 0},
		{"и в на", "и в на", 0}, // no word long enough
	} {
		if got := Alike(c.a, c.b); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%q and %q: %v, by hand %v", c.a, c.b, got, c.want)
		}
		if Alike(c.a, c.b) != Alike(c.b, c.a) {
			t.Errorf("%q and %q: not the same both ways", c.a, c.b)
		}
	}
}

func TestSnippet(t *testing.T) {
	for _, c := range []struct {
		text, q string
		size    int
		want    string
	}{
		{"园区供电中断", "供电", 20, "园区[供电]中断"},
		{"Ёлка у входа", "елка", 20, "[Ёлка] у входа"},
		{"POWER cut, power", "Power", 20, "[POWER] cut, [power]"},
		{"abcdefghij", "zz", 4, "abcd…"},
		{"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十甲乙丙丁停电戊己", "停电", 10, "…丙丁[停电]戊己"},
	} {
		got := ""
		for _, p := range Snippet(c.text, c.q, c.size) {
			if p.Hit {
				got += "[" + p.Text + "]"
			} else {
				got += p.Text
			}
		}
		if got != c.want {
			t.Errorf("%q in %q: %q, not %q", c.q, c.text, got, c.want)
		}
	}
}
