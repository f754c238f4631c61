package e2e

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestScheme enters a scheme from nothing, by fields alone: three levels of its own,
// four parts, two classes with different trees, grades by quota. It is tried, adopted,
// appraised by, and ranks.
func TestScheme(t *testing.T) {
	year := time.Now().In(time.FixedZone("CST", 8*3600)).Year() + 2
	admin := signedIn(t, "campaign", "zh-CN", desktop)
	admin.open("/o/schemes")
	admin.shot("schemes")
	admin.fill("code", "two classes")
	eval[bool](admin, `(function(){document.querySelector("[name=from]").value="";return true})()`)
	admin.press("schemes.new")
	admin.sees(admin.words("scheme.code-form"))
	admin.fill("code", "county-two")
	admin.press("schemes.new")
	base := strings.SplitN(admin.path(), "?", 2)[0]
	admin.sees(admin.words("scheme.measures-none"))
	admin.shot("scheme-empty")
	admin.press("schemes.adopt-next")
	admin.sees(admin.words("schemes.not-valid", "N", 9))

	e := &schemeEditor{user: admin, base: base}
	e.ballot()
	e.groups()
	e.trees()
	e.grades()
	e.stale(t)
	admin.open(base)
	admin.sees(admin.words("schemes.complete"))
	admin.shot("scheme-complete")
	admin.press("schemes.try")
	admin.sees(admin.words("schemes.trial-mark"))
	admin.shot("scheme-trial")
	admin.press("schemes.adopt-next")
	admin.shot("scheme-adopt")
	admin.press("schemes.adopt")
	admin.sees(admin.words("schemes.read-only"))
	reader := visitor(t, "methods", "ru", phone)
	reader.open("/methods")
	reader.sees("Ведомства с окном")
	reader.shot("methods-ru")

	campaignUnder(t, admin, year)
	// later walks are of the scheme the county had before
	admin.open("/o/schemes/1")
	admin.press("schemes.copy")
	admin.press("schemes.try")
	admin.press("schemes.adopt-next")
	admin.press("schemes.adopt")
	admin.open("/o/schemes")
	admin.sees(admin.words("schemes.locked"))
}

// schemeEditor is a person at the editor of a draft.
type schemeEditor struct {
	*user
	base string
}

func (e *schemeEditor) page(key string) { e.t.Helper(); e.open(e.base + "/edit/" + key) }

func (e *schemeEditor) save() {
	e.t.Helper()
	e.press("action.save")
	e.sees(e.words("done.saved"))
}

func (e *schemeEditor) names(field, zh, en, ru string) {
	e.t.Helper()
	e.fill(field+".zh", zh)
	e.fill(field+".en", en)
	e.fill(field+".ru", ru)
}

func (e *schemeEditor) choice(name, value string) {
	e.t.Helper()
	if !eval[bool](e.user, `(function(){var s=document.querySelector('select[name="`+name+`"]'); if(!s) return false; s.value=`+quote(value)+`; return s.value===`+quote(value)+`})()`) {
		e.fatalf("no option %s of %s", value, name)
	}
}

// ballot: name, two items, three levels, one measure.
func (e *schemeEditor) ballot() {
	e.t.Helper()
	e.page("basics")
	e.names("name", "两类评议办法", "Scheme of two classes", "Положение двух классов")
	e.save()
	e.page("items")
	e.press("edit.add-items")
	e.fill("indicators.0.weight", "sixty")
	e.names("indicators.0.name", "服务", "Service", "Обслуживание")
	e.press("edit.add-items") // the first row is kept, unsaved
	e.names("indicators.1.name", "效率", "Speed", "Скорость")
	e.fill("indicators.1.weight", "40")
	e.press("action.save")
	e.sees(e.words("edit.whole", "Typed", "sixty"))
	if v := eval[string](e.user, `document.querySelector('[name="indicators.1.name.zh"]').value`); v != "效率" {
		e.fatalf("a refused form lost what was typed: %q", v)
	}
	e.fill("indicators.0.weight", "60")
	e.press("edit.preview")
	e.sees(e.words("edit.sum-even", "Total", "100"))
	for i, q := range []string{"办事顺利吗", "办得快吗"} {
		e.names(fmt.Sprintf("indicators.%d.question", i), q, "Was it good?", "Было хорошо?")
	}
	e.save()
	e.shot("scheme-items")
	e.page("levels")
	for i, l := range [][4]string{{"好", "Good", "Хорошо", "100"}, {"一般", "Fair", "Средне", "60"}, {"差", "Bad", "Плохо", "0"}} {
		e.press("edit.add-levels")
		e.fill(fmt.Sprintf("levels.%d.value", i), l[3])
		e.names(fmt.Sprintf("levels.%d.name", i), l[0], l[1], l[2])
	}
	e.choose("levels.2.reason", "1")
	e.save()
	e.page("measures")
	e.press("edit.add-measures")
	e.names("measures.0.name", "综合得分", "Overall score", "Общая оценка")
	e.save()
}

// groups: two rater groups, the second merged into the first; one campaign; sheets.
func (e *schemeEditor) groups() {
	e.t.Helper()
	e.page("groups")
	for i, w := range []string{"60", "40"} {
		e.press("edit.add-groups")
		e.choice(fmt.Sprintf("groups.%d.code", i), fmt.Sprintf("G%d", i+1))
		e.fill(fmt.Sprintf("groups.%d.weight", i), w)
	}
	e.choice("groups.1.missing", "merge")
	e.choice("group.trim", "count")
	e.press("edit.preview")
	e.choice("groups.1.into", "G1")
	e.fill("group.trim_from", "7")
	e.fill("group.trim_lines", "1")
	e.save()
	e.shot("scheme-groups")
	e.page("campaigns")
	e.press("edit.add-campaigns")
	e.choice("campaigns.0.code", "year_end")
	e.fill("campaigns.0.weight", "100")
	e.choice("required_campaign", "year_end")
	e.save()
	e.page("sheets")
	for i, w := range []string{"50", "50"} {
		e.press("edit.add-sheets")
		e.choice(fmt.Sprintf("items.%d.code", i), []string{"q1", "q4"}[i])
		e.fill(fmt.Sprintf("items.%d.weight", i), w)
	}
	e.save()
}

// trees: one for the first class, another for all others, four parts each.
func (e *schemeEditor) trees() {
	e.t.Helper()
	e.page("trees")
	e.press("edit.add-trees")
	e.names("trees.0.name", "窗口单位", "Offices with a window", "Ведомства с окном")
	e.choose("trees.0.classes", "1")
	e.press("edit.add-trees")
	e.names("trees.1.name", "其他单位", "Others", "Остальные")
	e.save()
	for _, tree := range []struct {
		code    string
		weights []string
	}{{"T1", []string{"50", "20", "20", "10"}}, {"T2", []string{"70", "10", "10", "10"}}} {
		for i, p := range []struct{ source, zh, en, ru string }{{"appraisal", "企业评议", "Appraisal", "Оценка"}, {"sheets", "意见表", "Sheets", "Листы"}, {"rate", "问题解决", "Issues", "Обращения"}, {"tasks", "任务", "Tasks", "Задачи"}} {
			e.open(e.base + "/tree/" + tree.code)
			e.press("edit.add-part")
			e.names("part.name", p.zh, p.en, p.ru)
			e.fill("part.code", string("AFRW"[i]))
			e.fill("part.weight", tree.weights[i])
			e.choice("part.source.kind", p.source)
			e.press("edit.preview")
			switch p.source {
			case "appraisal":
				e.choice("part.source.measure", "m1")
				e.choose("part.required", "1")
			case "sheets":
				e.fill("part.source.full_at", "3")
			case "rate":
				e.choice("part.source.of", "solved")
			}
			e.save()
		}
		e.open(e.base + "/tree/" + tree.code)
		e.sees(e.words("edit.sum-even", "Total", "100"))
		e.shot("scheme-tree-" + tree.code)
	}
}

// grades: by quota, without a threshold.
func (e *schemeEditor) grades() {
	e.t.Helper()
	e.page("grades")
	for i, g := range [][4]string{{"优", "Top", "Высший", "34"}, {"良", "Second", "Второй", "33"}, {"中", "Third", "Третий", ""}} {
		e.press("edit.add-grades")
		e.names(fmt.Sprintf("grades.%d.name", i), g[0], g[1], g[2])
		if g[3] != "" {
			e.fill(fmt.Sprintf("grades.%d.share", i), g[3])
		}
	}
	e.save()
}

// stale: two people on one page; the second sees what the first has saved, with his
// own words kept.
func (e *schemeEditor) stale(t *testing.T) {
	t.Helper()
	other := &schemeEditor{user: signedIn(t, "party-office-1", "en", desktop), base: e.base}
	e.page("basics")
	other.page("basics")
	other.fill("name.en", "Two classes")
	other.save()
	e.fill("name.en", "Scheme for two classes")
	e.press("action.save")
	e.sees(e.words("scheme.stale"))
	e.sees("Two classes")
	e.shot("scheme-stale")
	e.save()
}

// campaignUnder runs a campaign under the scheme adopted last and ranks by it.
func campaignUnder(t *testing.T, admin *user, year int) {
	t.Helper()
	admin.open("/o/campaigns")
	admin.fill("year", fmt.Sprint(year))
	admin.choose("kind", "year_end")
	admin.fill("cast_from", eval[string](admin, `document.querySelector("[name=card_from]").value`))
	admin.press("campaigns.create")
	base := strings.SplitN(admin.path(), "?", 2)[0]
	id := strings.TrimPrefix(base, "/o/campaigns/")
	shares := makeKey(admin, base)
	cards := printSheet(admin, base, "envelope", "G1", 13)
	rehearse(t, base, shares)
	admin.open(base)
	admin.press("campaign.do-open")
	admin.press("campaign.do-open")
	rater := visitor(t, "three-levels", "ru", phone)
	rater.open(ballotHost + "/b/" + id + "?lang=ru#card=" + strings.ReplaceAll(cards[0], "-", ""))
	castBallot(rater, "моё слово", 1)
	units := []string{"1", "2", "3", "16", "17", "18"}
	for i, card := range cards[1:12] {
		castUnder(t, id, card, fmt.Sprintf("word number %d", i), units, i)
	}
	finish(t, admin, base, shares)
	admin.open(fmt.Sprintf("/o/year/%d", year))
	admin.press("year.compute")
	for _, grade := range []string{"优", "良", "中", "企业评议"} {
		admin.sees(grade)
	}
	if n := eval[int](admin, `[...document.querySelectorAll("main td")].filter(function(e){return e.innerText==="优"}).length`); n != 2 {
		admin.fatalf("%d units have the best grade, want one of each class", n)
	}
	admin.shot("year-quota")
}

// castUnder casts a ballot of two items with three levels; the first units are rated
// better than the others.
func castUnder(t *testing.T, id, card, word string, units []string, no int) {
	t.Helper()
	c := newClient(t, "zh-CN")
	_, page, _ := c.get(ballotHost + "/b/" + id + "?lang=zh-CN")
	form := url.Values{"card": {card}, "go": {"cast"}, "declare": {"1"}, "word": {word}, "lang": {"zh-CN"}}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		if m[1] == "idem" {
			form.Set("idem", html.UnescapeString(m[2]))
		}
	}
	for k, unit := range units {
		form.Add("pick", unit)
		for i := 1; i <= 2; i++ {
			form.Set(fmt.Sprintf("u%s.I%d", unit, i), fmt.Sprintf("L%d", 1+min(2, (no+i+5*(k%3))/6)))
		}
	}
	r, err := http.NewRequest(http.MethodPost, ballotHost+"/b/"+id, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !regexp.MustCompile(`pingyi-ballot/v1`).Match(body) {
		t.Fatalf("cast with %s: %d, %v", card, res.StatusCode, err)
	}
}
