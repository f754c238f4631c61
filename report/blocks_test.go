package report

import (
	"slices"
	"strings"
	"testing"
)

func TestBlocks(t *testing.T) {
	page := `<nav>Menu</nav><section><h2>一、总体 情况</h2><p>共 <b>12</b> 件<span class="vh">（屏幕阅读）</span>。</p><form><p>x</p></form>
<ul><li>第一</li><li class="no-print">按钮</li></ul><details><summary>查看</summary><table><caption>按单位</caption>
<thead><tr><th>单位</th><th><span class="vh">图</span></th><th class="n">件数</th><th class="no-print">改</th></tr></thead>
<tbody><tr><th>甲局<br>（牵头）</th><td><svg></svg></td><td class="n">3</td><td class="no-print"><a>改</a></td></tr><tr><td colspan="2">不公布</td></tr></tbody></table></details><svg><text>7</text></svg></section>`
	got, err := Blocks(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	want := []Block{{Kind: Heading, Text: "一、总体 情况"}, {Kind: Paragraph, Text: "共 12 件。"}, {Kind: Item, Text: "第一"}, {Kind: Caption, Text: "按单位"},
		{Kind: TableBlock, Head: 1, Rows: [][]Cell{{{"单位", false}, {"件数", true}}, {{"甲局 （牵头）", false}, {"3", true}}, {{"不公布", false}, {"", false}}}}}
	if !slices.EqualFunc(got, want, func(a, b Block) bool {
		return a.Kind == b.Kind && a.Text == b.Text && a.Head == b.Head && slices.EqualFunc(a.Rows, b.Rows, slices.Equal)
	}) {
		t.Errorf("blocks are\n%+v\nwant\n%+v", got, want)
	}
}

func FuzzBlocks(f *testing.F) {
	f.Add("<table><tr><td colspan=2>x<p>y</table><h2>z")
	f.Fuzz(func(t *testing.T, page string) {
		got, err := Blocks(strings.NewReader(page))
		if err != nil {
			return
		}
		for _, b := range got {
			if b.Kind == TableBlock && slices.ContainsFunc(b.Rows, func(r []Cell) bool { return len(r) != len(b.Rows[0]) }) {
				t.Errorf("rows of different width: %+v", b)
			}
		}
		if _, err := DOCX(Official{Body: got}); err != nil {
			t.Error(err)
		}
	})
}

func TestWidths(t *testing.T) {
	k := Block{Rows: [][]Cell{{{"名次", true}, {"单位", false}}, {{"1", true}, {"县自然资源局（牵头）的一个很长很长的名称", false}}}}
	if got := k.widths(); !slices.Equal(got, []int{textWidth * 5 / 35, textWidth * 30 / 35}) {
		t.Errorf("the columns are %v wide", got)
	}
}
