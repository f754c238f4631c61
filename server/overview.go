package server

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/ledger"
	"pingyi/overview"
	"pingyi/templates"
)

// overviewRoutes: the county's year on one page.
func (s *Server) overviewRoutes() []route {
	read := access(overview.Sees)
	return []route{
		get("/o/county", read, s.thisYear),
		get("/o/county/:year", read, s.countyYear),
	}
}

func (s *Server) thisYear(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, "/o/county/"+strconv.Itoa(calendar.DateOf(s.Now()).Year()))
	return nil
}

// countyPage is the county's year: pictures, each with its sentence and its table.
type countyPage struct {
	templates.Page
	M           money
	C           overview.County
	Early, Late int // year before; year after, 0 when it has not begun
	Funds       drawing
	FundRows    []fundRow
	UnitRows    []unitFundRow
	UnitsFind   string
	Lines       []ledgerLine
	AreaFind    string
	Index       drawing
	IndexRows   []indexRow
	Issues      drawing
	IssueRows   []issueMonthRow
	Visits      drawing
	VisitRows   []visitRow
	Polls       []pollRow
	Reached     string // of the target, in percent
}

type fundRow struct{ Month, Planned, Arrived, Sum string }

type unitFundRow struct {
	Name            string
	Target, Arrived ledger.Amount
	Percent         string
	Bar             float64
}

type indexRow struct {
	Year, Units, Companies int
	Mean, Range            string
}

type issueMonthRow struct {
	Month          string
	Opened, Closed int
}

type visitRow struct {
	Name                      string
	Due, Made, Visits, Sheets int
	Percent                   string
}

type pollRow struct {
	Name            string
	Listed, Ballots int
	Percent         string
}

func (s *Server) countyYear(c *gin.Context) error {
	year, err := yearOf(c)
	if err != nil {
		return err
	}
	asOf, err := calendar.ParseDate(c.Query("to"))
	if err != nil {
		asOf = ""
	}
	p := &countyPage{Page: s.page(c, "overview.title", "Year", year), Early: year - 1}
	p.M.Page = &p.Page
	if p.C, err = s.Overview.County(c.Request.Context(), actor(c), year, asOf); err != nil {
		return err
	}
	if year < calendar.DateOf(s.Now()).Year() {
		p.Late = year + 1
	}
	p.Caption = p.T("overview.as-of", "Date", p.Date(p.C.AsOf.Time()))
	if err := s.fundLines(c, p); err != nil {
		return err
	}
	p.drawFunds()
	p.drawUnits()
	p.drawIndex()
	p.drawWork()
	s.show(c, http.StatusOK, "leader/county", p)
	return nil
}

// fundLines are the rows by area and class.
func (s *Server) fundLines(c *gin.Context, p *countyPage) error {
	places, err := s.Ledger.Places(c.Request.Context())
	if err != nil {
		return err
	}
	for _, area := range places.Areas {
		t := p.C.Sum.Of(area.Code, "")
		p.Lines = append(p.Lines, lineOf(p.Translator, area.In(p.Lang()), t, p.C.Sum.All, "area="+area.Code, false))
		for _, class := range places.Classes {
			if t := p.C.Sum.Of(area.Code, class.Code); t != (ledger.Total{}) {
				p.Lines = append(p.Lines, lineOf(p.Translator, class.In(p.Lang()), t, p.C.Sum.All, "area="+area.Code+"&class="+class.Code, true))
			}
		}
	}
	p.Lines = append(p.Lines, lineOf(p.Translator, p.T("ledger.all"), p.C.Sum.All, p.C.Sum.All, "", false))
	p.AreaFind = p.T("overview.signed", "Count", p.C.Sum.All.Contracts, "Amount", p.M.Money(p.C.Sum.All.Amount), "Arrived", p.M.Money(p.C.Sum.All.Arrived))
	return nil
}

// share is a part of a whole in percent, "—" without a whole.
func (p *countyPage) share(part, whole int) string {
	if whole == 0 {
		return "—"
	}
	return p.Percent(ledger.Percent(ledger.Wan(int64(part)).Percent(ledger.Wan(int64(whole))), 1))
}
