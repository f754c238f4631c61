package intake_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pingyi/org"
)

// TestSearchAmongHundredThousand measures search and likeness among 100,000 generated
// issues of several hundred characters; PINGYI_LARGE=1 runs it.
func TestSearchAmongHundredThousand(t *testing.T) {
	if os.Getenv("PINGYI_LARGE") == "" {
		t.Skip("PINGYI_LARGE is not set")
	}
	k := newCounty(t)
	const fill = `INSERT INTO issues (ref, company_id, category, title, body, name_shown, lang, raised_by, raised_at, state, register_due, idem)
		SELECT 'NJ-2025-' || n, CASE WHEN n % 100 = 0 THEN $1::bigint ELSE $2::bigint END, 1 + n % 17, w[1 + n % 20] || w[1 + n / 20 % 20] || w[1 + n / 400 % 20] || n % 1000,
			(SELECT string_agg(w[1 + (n * 7 + m * m * 13 + n / (m + 1)) % 20], CASE WHEN m % 4 = 0 THEN '，' ELSE '' END) FROM generate_series(1, 50) m), 'unit', 'zh-CN', $3, now(), 'raised', now(), 'fill-' || n
		FROM generate_series(1, 100000) n, (SELECT ARRAY['园区供电','频繁中断','影响生产','消防验收','迟迟没有','土地使用','证件办理','拖延半年','厂房补贴','承诺兑现','海关查验','出口退税','道路运输','用工不足','融资困难','检查过多','收费不明','物业管理','污水处理','原料采购'] AS w) x`
	began := time.Now()
	_, err := k.owner.Exec(fill, k.company.Company, k.other.Company, k.company.Account)
	k.must(err)
	_, err = k.owner.Exec(`VACUUM ANALYZE issues`)
	k.must(err)
	t.Logf("filled in %.1f s", time.Since(began).Seconds())
	k.raise(k.company, "俄语翻译窗口长期无人", "办事大厅的俄语翻译窗口三个月没有人值守，客商无法办事。")
	measure := func(what string, do func() error) {
		var took []time.Duration
		for range 7 {
			at := time.Now()
			k.must(do())
			took = append(took, time.Since(at))
		}
		slices.Sort(took)
		t.Logf("%-60s median %s, longest %s", what, took[3].Round(100*time.Microsecond), took[6].Round(100*time.Microsecond))
		if took[3] > 100*time.Millisecond {
			t.Errorf("%s took %s", what, took[3])
		}
	}
	for _, by := range []org.Actor{k.office, k.company, k.head} {
		for _, q := range []string{"翻译", "供电", "电", "消防验收 出口退税", "供电海关", "没有这个词"} {
			measure(fmt.Sprintf("%s looks for %s", by.Role, q), func() error {
				_, err := k.intake.Search(t.Context(), by, q, "zh-CN")
				return err
			})
		}
	}
	measure("the office looks for issues alike", func() error {
		_, err := k.intake.Twins(t.Context(), k.office, "园区供电频繁中断影响生产", "", 3, 0)
		return err
	})
	measure("a company looks for issues alike", func() error {
		_, err := k.intake.Twins(t.Context(), k.company, "园区供电频繁中断影响生产", "", 3, 0)
		return err
	})
}
