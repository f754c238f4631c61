package server

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"pingyi/evaluation"
	"pingyi/org"
	"pingyi/templates"
)

// simulateRoutes: what the ranking would be under other rules.
func (s *Server) simulateRoutes() []route {
	may := either(offices, only(org.RoleCampaignAdmin), leaders)
	return []route{
		get("/o/year/:year/simulate", may, s.simulator),
		post("/o/year/:year/simulate", may, s.simulate),
	}
}

// runsShown is how many runs the page lists.
const runsShown = 50

// weightField is a weight that can be another.
type weightField struct {
	Name, Label, Hint, Value string
}

// weightGroup is the weights of a tree, with its classes.
type weightGroup struct {
	Title  string
	Fields []weightField
}

type simulatePage struct {
	templates.Page
	Year      int
	Result    *evaluation.YearResult
	Scheme    *evaluation.Scheme
	Form      evaluation.SimulationForm
	Trees     []weightGroup
	Groups    []weightField
	Campaigns []weightField
	Trims     []choice
	Ranges    []choice
	Runs      []simulationRow
	Run       *simulationRow
	Classes   []simulatedClass
	Missing   int
}

// simulationRow is a run with what it changed, in words.
type simulationRow struct {
	evaluation.SimulationRun
	Changes []string
}

// simulatedClass is a class before and after.
type simulatedClass struct {
	Class    int
	Finding  string
	Slope    slope
	Moves    []moveRow
	Firm     *evaluation.Robustness
	Firmness string
	Pairs    []pairRow
}

type pairRow struct{ Above, Below, Share string }

func (s *Server) simulatePage(c *gin.Context) (*simulatePage, error) {
	year, err := yearOf(c)
	if err != nil {
		return nil, err
	}
	ctx, a := c.Request.Context(), actor(c)
	p := &simulatePage{Page: s.page(c, "simulate.title", "Year", year), Year: year}
	p.Back = templates.Link{Href: "/o/year/" + c.Param("year"), Label: p.T("year.title", "Year", year)}
	if a.IsLeader() {
		p.Back.Href = "/l/rankings/" + c.Param("year")
	}
	r, err := s.Evaluation.Latest(ctx, a, year)
	if errors.Is(err, evaluation.ErrNoResult) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Result = &r
	if p.Scheme, err = s.Evaluation.Scheme(ctx, r.SchemeID); err != nil {
		return nil, err
	}
	runs, err := s.Evaluation.Simulations(ctx, a, year, runsShown)
	for _, run := range runs {
		p.Runs = append(p.Runs, simulationRow{run, simulationChanges(&p.Page, p.Scheme, run.Asked)})
	}
	return p, err
}

func (s *Server) simulator(c *gin.Context) error {
	p, err := s.simulatePage(c)
	if err != nil {
		return err
	}
	if run := formQuery(c, "run"); run != 0 && p.Result != nil {
		if err := s.fillRun(c, p, int64(run)); err != nil {
			return err
		}
	}
	p.fields()
	s.show(c, http.StatusOK, "year/simulate", p)
	return nil
}

func (s *Server) simulate(c *gin.Context) error {
	p, err := s.simulatePage(c)
	if err != nil {
		return err
	}
	if p.Result == nil {
		return evaluation.ErrNoResult
	}
	f := evaluation.SimulationForm{Parts: map[string]string{}, Groups: map[string]string{}, Campaigns: map[string]string{},
		Trim: c.PostForm("trim"), MinLines: line(c, "min_lines"), MinTotal: line(c, "min_total"), Range: c.PostForm("range"), Note: line(c, "note")}
	for _, t := range p.Scheme.Trees {
		eachNode(t.Parts, "", p.Lang(), func(code, _ string, _ evaluation.Exact) { f.Parts[t.Code+"/"+code] = line(c, "part:"+t.Code+"/"+code) })
	}
	for _, g := range p.Scheme.Groups {
		f.Groups[g.Code] = line(c, "group:"+g.Code)
	}
	for _, k := range p.Scheme.Campaigns {
		f.Campaigns[k.Code] = line(c, "campaign:"+k.Code)
	}
	p.Form = f
	m, err := f.Read(p.Scheme)
	if err != nil {
		p.fields()
		return s.refuse(c, err, "year/simulate", p)
	}
	id, err := s.Evaluation.Simulate(c.Request.Context(), actor(c), *p.Result, m, f.Note)
	if err != nil {
		p.fields()
		return s.refuse(c, err, "year/simulate", p)
	}
	s.redirect(c, "/o/year/"+c.Param("year")+"/simulate?run="+strconv.FormatInt(id, 10)+"#run", "")
	return nil
}

// eachNode walks the parts of a tree with the words of the way to each.
func eachNode(parts []evaluation.Node, way, lang string, do func(code, label string, weight evaluation.Exact)) {
	for _, n := range parts {
		label := way + n.Name.In(lang)
		do(n.Code, label, n.Weight)
		eachNode(n.Parts, label+" › ", lang, do)
	}
}

// fields lays out the weights: as typed, or as they are in force.
func (p *simulatePage) fields() {
	if p.Scheme == nil {
		return
	}
	field := func(name, label, typed, now string) weightField {
		if typed == "" {
			typed = now
		}
		return weightField{Name: name, Label: label, Hint: p.T("simulate.now", "Weight", p.Number(now)), Value: typed}
	}
	for _, t := range p.Scheme.Trees {
		g := weightGroup{Title: t.Name.In(p.Lang())}
		eachNode(t.Parts, "", p.Lang(), func(code, label string, w evaluation.Exact) {
			g.Fields = append(g.Fields, field("part:"+t.Code+"/"+code, label, p.Form.Parts[t.Code+"/"+code], w.Plain()))
		})
		p.Trees = append(p.Trees, g)
	}
	for _, g := range p.Scheme.Groups {
		p.Groups = append(p.Groups, field("group:"+g.Code, g.Code+" "+groupWords(&p.Page, g.Code), p.Form.Groups[g.Code], strconv.Itoa(g.Weight)))
	}
	for _, k := range p.Scheme.Campaigns {
		p.Campaigns = append(p.Campaigns, field("campaign:"+k.Code, p.T("campaign.kind-"+k.Code), p.Form.Campaigns[k.Code], strconv.Itoa(k.Weight)))
	}
	p.Trims = []choice{{Value: "", Label: p.T("simulate.trim-as-is")}}
	for _, t := range evaluation.SimulatedTrims() {
		p.Trims = append(p.Trims, choice{Value: t, Label: p.T("simulate.trim-share", "Percent", t)})
	}
	for _, r := range evaluation.SimulatedRanges {
		p.Ranges = append(p.Ranges, choice{Value: strconv.Itoa(r), Label: "± " + strconv.Itoa(r) + " %"})
	}
	if p.Form.MinLines == "" {
		p.Form.MinLines = strconv.Itoa(p.Scheme.Group.MinLines)
	}
	if p.Form.MinTotal == "" {
		p.Form.MinTotal = strconv.Itoa(p.Scheme.Group.MinTotal)
	}
	if p.Form.Range == "" {
		p.Form.Range = strconv.Itoa(evaluation.UsualRange)
	}
}

// groupWords is the name of a rater group, where the catalogue has one.
func groupWords(p *templates.Page, code string) string {
	if p.Has("group." + code) {
		return p.T("group." + code)
	}
	return ""
}

// simulationChanges says in words what a simulation changes.
func simulationChanges(p *templates.Page, sc *evaluation.Scheme, m evaluation.Simulation) []string {
	var out []string
	add := func(label, was, is string) {
		out = append(out, p.T("simulate.change", "What", label, "Was", p.Number(was), "Is", p.Number(is)))
	}
	for _, t := range sc.Trees {
		eachNode(t.Parts, "", p.Lang(), func(code, label string, w evaluation.Exact) {
			if is, ok := m.Parts[t.Code+"/"+code]; ok {
				if len(sc.Trees) > 1 {
					label = t.Name.In(p.Lang()) + " › " + label
				}
				add(label, w.Plain(), is.Plain())
			}
		})
	}
	for _, g := range sc.Groups {
		if is, ok := m.Groups[g.Code]; ok {
			add(g.Code+" "+groupWords(p, g.Code), strconv.Itoa(g.Weight), is.Plain())
		}
	}
	for _, k := range sc.Campaigns {
		if is, ok := m.Campaigns[k.Code]; ok {
			add(p.T("campaign.kind-"+k.Code), strconv.Itoa(k.Weight), is.Plain())
		}
	}
	if m.Trim != "" {
		out = append(out, p.T("simulate.trim-share", "Percent", m.Trim))
	}
	if m.MinLines > 0 {
		add(p.T("simulate.min-lines"), strconv.Itoa(sc.Group.MinLines), strconv.Itoa(m.MinLines))
	}
	if m.MinTotal > 0 {
		add(p.T("simulate.min-total"), strconv.Itoa(sc.Group.MinTotal), strconv.Itoa(m.MinTotal))
	}
	return out
}

// pairsShown is how many of the most fragile pairs of a class are listed.
const pairsShown = 10

// fillRun adds a run on record: what was asked, and what it shows.
func (s *Server) fillRun(c *gin.Context, p *simulatePage, id int64) error {
	run, shown, err := s.Evaluation.SimulationOf(c.Request.Context(), actor(c), p.Year, id)
	if err != nil {
		return err
	}
	units, err := s.unitsByID(c.Request.Context())
	if err != nil {
		return err
	}
	m := run.Asked
	p.Run = &simulationRow{run, simulationChanges(&p.Page, p.Scheme, m)}
	p.Form = evaluation.SimulationForm{Parts: plainWeights(m.Parts), Groups: plainWeights(m.Groups), Campaigns: plainWeights(m.Campaigns), Trim: m.Trim, Range: strconv.Itoa(m.Range), Note: run.Note}
	if m.MinLines > 0 {
		p.Form.MinLines = strconv.Itoa(m.MinLines)
	}
	if m.MinTotal > 0 {
		p.Form.MinTotal = strconv.Itoa(m.MinTotal)
	}
	p.Missing = shown.Missing
	rows := s.moveRows(p.Translator, shown.Moves, units)
	for _, class := range org.Classes {
		k := simulatedClass{Class: class}
		moved, beyond := 0, 0
		for _, r := range rows {
			if r.Class != class {
				continue
			}
			k.Moves = append(k.Moves, r)
			if r.Move.Places() != 0 {
				moved++
			}
			if r.Beyond {
				beyond++
			}
		}
		if len(k.Moves) == 0 {
			continue
		}
		k.Finding = p.T("simulate.finding", "Count", moved, "Beyond", beyond, "Units", len(k.Moves))
		k.Slope = slopeOf(p.Translator, k.Moves)
		for i := range shown.Robustness {
			if r := &shown.Robustness[i]; r.Class == class {
				k.firmness(&p.Page, r, m.Range, units)
			}
		}
		p.Classes = append(p.Classes, k)
	}
	return nil
}

// firmness says how firmly the order rests on the weights.
func (k *simulatedClass) firmness(p *templates.Page, r *evaluation.Robustness, percent int, units map[org.UnitID]org.Unit) {
	share := func(x float64) string { return p.Float(100*x, 1) + " %" }
	k.Firm = r
	k.Firmness = p.T("simulate.firmness", "Vectors", p.Int(r.Vectors), "Range", percent, "First", share(r.First), "Same", share(r.Same), "Pairs", r.All, "Fragile", len(r.Pairs))
	for _, x := range r.Pairs[:min(pairsShown, len(r.Pairs))] {
		k.Pairs = append(k.Pairs, pairRow{units[x.Above].Names.In(p.Lang()), units[x.Below].Names.In(p.Lang()), share(x.Share)})
	}
}

func plainWeights(m map[string]evaluation.Exact) map[string]string {
	out := map[string]string{}
	for code, w := range m {
		out[code] = w.Plain()
	}
	return out
}
