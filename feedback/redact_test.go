package feedback

import (
	"slices"
	"strings"
	"testing"
)

// Each text with the pieces that must be found in it, as kind:piece.
func TestTells(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"窗口态度不好，材料要反复补。", nil},
		{"我公司电话13912345678，请回电。", []string{"number:13912345678"}},
		{"9月3日下午黑河宏图木业有限公司被要求交5万元保证金。", []string{"time:9月3日", "amount:5万元"}},
		{"张科长说要等王局长签字。", []string{"person:张科长"}},
		{"厂房在双山镇工业路12号，验收拖了很久。", nil},
		{"请发到 acme@example.com", []string{"mail:acme@example.com"}},
		{"ООО «Амур Лес» ждёт разрешение с 12.03.2026, заплатили 300 тыс. руб.", []string{"company:ООО «Амур Лес»", "time:12.03.2026"}},
		{"Mr. Brown of Amur Timber Co. Ltd. waited since 3 March.", []string{"person:Mr. Brown", "time:3 March"}},
		{"合同编号 HT20260318 一直没有兑现", []string{"number:HT20260318"}},
		{"宏图木业的事情", []string{"company:宏图木业"}},
	} {
		var got []string
		for _, s := range Tells(c.text, []string{"宏图木业"}) {
			got = append(got, s.Kind+":"+c.text[s.From:s.To])
		}
		for _, w := range c.want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: found %q, want %s", c.text, got, w)
			}
		}
		if c.want == nil && strings.HasPrefix(c.text, "窗口") && len(got) > 0 {
			t.Errorf("%s: found %q where nothing tells", c.text, got)
		}
	}
	// the place and its number are found, however they are cut
	if s := Tells("厂房在双山镇工业路12号", nil); len(s) == 0 || s[0].Kind != "place" {
		t.Errorf("the place: %v", s)
	}
}

func FuzzMarked(f *testing.F) {
	f.Add("9月3日宏图木业有限公司交5万元", "宏图木业")
	f.Add("ООО «Амур» 12.03.2026", "Амур")
	f.Fuzz(func(t *testing.T, text, name string) {
		text = strings.ToValidUTF8(text, "?") // forms take no other
		var whole strings.Builder
		for _, p := range Marked(text, []string{name}) {
			whole.WriteString(p.Text)
		}
		if whole.String() != text {
			t.Errorf("the pieces of %q are %q", text, whole.String())
		}
	})
}
