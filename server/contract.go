package server

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/ledger"
	"pingyi/locale"
	"pingyi/org/roster"
	"pingyi/report"
	"pingyi/templates"
)

// contractRoutes: the ledger of agreements, contracts and arrived funds.
func (s *Server) contractRoutes() []route {
	read := access(ledger.Reads)
	keep := access(ledger.Keeps)
	return []route{
		get("/o/ledger", read, s.ledgerSummary),
		get("/o/ledger/xlsx", read, s.ledgerFile),
		get("/o/ledger/contracts", read, s.contracts),
		get("/o/ledger/contracts/new", keep, s.newContract),
		post("/o/ledger/contracts/new", keep, s.enterContract),
		get("/o/ledger/contracts/:contract", read, s.contract),
		post("/o/ledger/contracts/:contract/:act", keep, s.contractAct),
	}
}

// ledgerPage is the ledger added up.
type ledgerPage struct {
	templates.Page
	M        money
	Period   ledger.Period
	Sum      ledger.Summary
	Lines    []ledgerLine
	Apart    []apartLine
	Findings []findingLine
	Wrong    int
	Finding  string // what the table shows, in a sentence
	Keeps    bool
}

// ledgerLine is a row of the table: an area, or a class within it.
type ledgerLine struct {
	Name        string
	Total       ledger.Total
	Share, Rate string // of all that arrived; arrived of the contracts
	Bar         float64
	Sub         bool
	Query       string
}

type apartLine struct {
	ledger.Apart
	Query string
}

type findingLine struct {
	ledger.Finding
	Place string
	Count bool
}

// period reads ?from= and ?to=; without them the ledger up to today.
func (s *Server) period(c *gin.Context) ledger.Period {
	p := ledger.Period{To: calendar.DateOf(s.Now())}
	if d, err := calendar.ParseDate(c.Query("to")); err == nil && d < p.To {
		p.To = d
	}
	if d, err := calendar.ParseDate(c.Query("from")); err == nil && d <= p.To {
		p.From = d
	}
	p.Over = ledger.Large
	if x, ok := ledger.ParseAmount(c.Query("over")); ok && x > 0 {
		p.Over = x
	}
	return p
}

func (s *Server) ledgerPage(c *gin.Context) (*ledgerPage, error) {
	ctx, a := c.Request.Context(), actor(c)
	p := &ledgerPage{Page: s.page(c, "ledger.title"), Period: s.period(c), Keeps: ledger.Keeps(a)}
	p.M.Page = &p.Page
	places, err := s.Ledger.Places(ctx)
	if err != nil {
		return nil, err
	}
	if p.Sum, err = s.Ledger.Summary(ctx, a, p.Period); err != nil {
		return nil, err
	}
	areas, classes := placeNames(places.Areas, p.Lang()), placeNames(places.Classes, p.Lang())
	for _, area := range places.Areas {
		t := p.Sum.Of(area.Code, "")
		p.Lines = append(p.Lines, p.line(area.In(p.Lang()), t, "area="+area.Code, false))
		for _, class := range places.Classes {
			if t := p.Sum.Of(area.Code, class.Code); t != (ledger.Total{}) {
				p.Lines = append(p.Lines, p.line(class.In(p.Lang()), t, "area="+area.Code+"&class="+class.Code, true))
			}
		}
	}
	p.Lines = append(p.Lines, p.line(p.T("ledger.all"), p.Sum.All, "", false))
	for _, x := range p.Sum.Apart {
		p.Apart = append(p.Apart, apartLine{x, "kind=" + x.Kind + "&currency=" + x.Currency})
	}
	p.Finding = p.T("ledger.finding", "Count", p.Sum.All.Contracts, "Amount", p.M.Money(p.Sum.All.Amount), "Arrived", p.M.Money(p.Sum.All.Arrived), "Rate", p.Number(ledger.Percent(p.Sum.All.Arrived.Percent(p.Sum.All.Amount), 2)))
	findings, err := s.Ledger.Findings(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, f := range findings {
		l := findingLine{Finding: f, Place: p.T("ledger.all"), Count: f.What == "contracts" || f.What == "large"}
		if f.Area != "" {
			l.Place = areas[f.Area]
		}
		if f.Class != "" {
			l.Place += " · " + classes[f.Class]
		}
		if f.Apart != 0 {
			p.Wrong++
		}
		p.Findings = append(p.Findings, l)
	}
	return p, nil
}

func (p *ledgerPage) line(name string, t ledger.Total, query string, sub bool) ledgerLine {
	return lineOf(p.Translator, name, t, p.Sum.All, query, sub)
}

// lineOf makes a row of sums beside the sum of all.
func lineOf(tr *locale.Translator, name string, t, all ledger.Total, query string, sub bool) ledgerLine {
	l := ledgerLine{Name: name, Total: t, Sub: sub, Query: query, Share: tr.Number(ledger.Percent(t.Arrived.Percent(all.Arrived), 2)), Rate: tr.Number(ledger.Percent((t.Arrived - t.Increase).Percent(t.Amount), 2))}
	if x := t.Arrived.Percent(all.Arrived); x != nil {
		l.Bar, _ = x.Float64()
	}
	return l
}

// CountOf writes a figure that counts things: stated figures are kept in hundredths.
func (p *ledgerPage) CountOf(a ledger.Amount) string {
	return p.Number(ledger.Percent(a.Percent(ledger.Wan(100)), 0))
}

func placeNames(places []ledger.Place, lang string) map[string]string {
	out := map[string]string{}
	for _, p := range places {
		out[p.Code] = p.In(lang)
	}
	return out
}

func (s *Server) ledgerSummary(c *gin.Context) error {
	p, err := s.ledgerPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "ledger/summary", p)
	return nil
}

// ledgerFile is the ledger as a workbook with the columns that an import reads: real
// numbers, text never a formula. What it takes out can be brought in again.
func (s *Server) ledgerFile(c *gin.Context) error {
	t := s.translator(c)
	rows, arrivals, err := s.Ledger.All(c.Request.Context(), actor(c))
	if err != nil {
		return err
	}
	kind := roster.Contracts
	if c.Query("kind") == string(roster.Arrivals) {
		kind = roster.Arrivals
	}
	table := report.Table{Sheet: t.T("import.kind-" + string(kind)), Title: t.T("ledger.title"), About: [][2]string{{t.T("ledger.as-of"), string(calendar.DateOf(s.Now()))},
		{t.T("ledger.amount"), t.T("ledger.amount-about")}, {t.T("ledger.arrived"), t.T("ledger.arrived-about")}, {t.T("ledger.by-area"), t.T("ledger.counting")}}}
	for _, col := range kind.Columns() {
		table.Head = append(table.Head, t.T(roster.ColumnKey(col.Code)))
	}
	word := func(column, code string) string { return t.T(roster.WordKey(column, code)) }
	if kind == roster.Arrivals {
		for _, a := range arrivals {
			table.Rows = append(table.Rows, []any{a.No, a.Voucher, word("arrival_kind", a.Kind), string(a.On), report.Number(a.Amount.String()), a.Verifier})
		}
	} else {
		choices, err := s.ledgerChoices(c, &templates.Page{Translator: t})
		if err != nil {
			return err
		}
		units, err := s.unitsByID(c.Request.Context())
		if err != nil {
			return err
		}
		for _, r := range rows {
			table.Rows = append(table.Rows, []any{r.No, word("ledger_kind", r.Kind), word("purpose", r.Purpose), r.Title, r.Investor, choices.AreaNames[r.Area], choices.ClassNames[r.Class],
				report.Number(r.Amount.String()), word("currency", r.Currency), string(r.Agreed), string(r.Signed), units[r.Unit].Code, r.Source})
		}
	}
	if err := s.exported(c, "ledger"); err != nil {
		return err
	}
	return s.sendTable(c, table, "pingyi-"+string(kind))
}

// ledgerChoices are the choices of the ledger's forms and filters.
type ledgerChoices struct {
	Areas, Classes, Kinds, Purposes, Currencies []choice
	AreaNames, ClassNames                       map[string]string
}

func (s *Server) ledgerChoices(c *gin.Context, p *templates.Page) (ledgerChoices, error) {
	places, err := s.Ledger.Places(c.Request.Context())
	if err != nil {
		return ledgerChoices{}, err
	}
	l := ledgerChoices{AreaNames: placeNames(places.Areas, p.Lang()), ClassNames: placeNames(places.Classes, p.Lang()), Kinds: choices(p.Translator, "ledger.kind-", ledger.Kinds),
		Purposes: choices(p.Translator, "ledger.purpose-", ledger.Purposes), Currencies: choices(p.Translator, "ledger.currency-", ledger.Currencies)}
	for _, x := range places.Areas {
		l.Areas = append(l.Areas, choice{Value: x.Code, Label: x.In(p.Lang())})
	}
	for _, x := range places.Classes {
		l.Classes = append(l.Classes, choice{Value: x.Code, Label: x.In(p.Lang())})
	}
	return l, nil
}

// money is an amount in 万 with two decimals, grouped as the language does.
type money struct{ *templates.Page }

// Money writes an amount.
func (m money) Money(a ledger.Amount) string { return m.Number(a.String()) }

type contractsPage struct {
	templates.Page
	ledgerChoices
	M      money
	Filter ledger.Filter
	Rows   []ledger.Contract
	Total  int
	Pager  templates.Pager
	Keeps  bool
}

func (s *Server) contracts(c *gin.Context) error {
	p := &contractsPage{Page: s.page(c, "ledger.rows"), Keeps: ledger.Keeps(actor(c))}
	p.M.Page = &p.Page
	p.Back = templates.Link{Href: "/o/ledger", Label: p.T("ledger.title")}
	var err error
	if p.ledgerChoices, err = s.ledgerChoices(c, &p.Page); err != nil {
		return err
	}
	p.Filter = ledger.Filter{Area: c.Query("area"), Class: c.Query("class"), Kind: c.Query("kind"), Currency: c.Query("currency"), Search: clean(c.Query("q")), Counted: c.Query("counted") != "", Large: c.Query("large") != "", Over: s.period(c).Over, AsOf: s.period(c).To, Page: pageNumber(c), Size: 30}
	if p.Rows, p.Total, err = s.Ledger.Contracts(c.Request.Context(), actor(c), p.Filter); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), p.Filter.Page, p.Filter.Size, p.Total)
	s.show(c, http.StatusOK, "ledger/list", p)
	return nil
}
