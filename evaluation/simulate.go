package evaluation

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pingyi/fault"
)

// Simulation is a question to the simulator (测算): what the ranking would be if these
// rules were other. What is not named stays as it is. It is kept as it was asked.
type Simulation struct {
	Parts     map[string]Exact `json:"parts,omitempty"`     // weights, by "tree/part"
	Groups    map[string]Exact `json:"groups,omitempty"`    // weights of rater groups
	Campaigns map[string]Exact `json:"campaigns,omitempty"` // weights of the year's campaigns
	Trim      string           `json:"trim,omitempty"`      // percent dropped at each end: one of SimulatedTrims; "": as the scheme says
	MinLines  int              `json:"min_lines,omitempty"` // lines a group needs; 0: as the scheme says
	MinTotal  int              `json:"min_total,omitempty"` // lines a unit needs to be ranked
	Range     int              `json:"range,omitempty"`     // of the grid of weights, in percent of each weight
}

// SimulatedTrims are the shares, in percent, for which the tally keeps the means.
func SimulatedTrims() []string {
	out := make([]string, len(otherTrims))
	for i, p := range otherTrims {
		out[i] = strconv.Itoa(p)
	}
	return out
}

// SimulatedRanges are the ranges of the grid of weights that can be asked for, in percent.
var SimulatedRanges = []int{10, 20, 30, 50}

// UsualRange is the range when none is asked for.
const UsualRange = 20

// SimulationForm is a simulation as typed: weights by field name, "" for one that is
// to stay as it is.
type SimulationForm struct {
	Parts     map[string]string
	Groups    map[string]string
	Campaigns map[string]string
	Trim      string
	MinLines  string
	MinTotal  string
	Range     string
	Note      string
}

// MaxNote is the limit of a note, in characters.
const MaxNote = 200

var weight = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,2})?$`)

// Read turns what was typed into a simulation that holds only what differs from the
// scheme. Problems are by field: "part:TREE/CODE", "group:CODE", "campaign:CODE",
// "trim", "min_lines", "min_total", "range", "note".
func (f SimulationForm) Read(s *Scheme) (Simulation, error) {
	bad := fault.Fields{}
	m := Simulation{Parts: map[string]Exact{}, Groups: map[string]Exact{}, Campaigns: map[string]Exact{}, Range: UsualRange}
	read := func(kind string, typed map[string]string, into map[string]Exact, now map[string]Exact) {
		for _, code := range slices.Sorted(maps.Keys(typed)) {
			text := normalMoney(strings.TrimSpace(typed[code]))
			is, known := now[code]
			if text == "" || !known {
				continue
			}
			if !weight.MatchString(text) {
				bad.Add(kind+":"+code, "simulate.weight-form")
				continue
			}
			if w := Decimal(text); !w.Equal(is) {
				into[code] = w
			}
		}
	}
	read("part", f.Parts, m.Parts, s.partWeights())
	read("group", f.Groups, m.Groups, s.groupWeights())
	read("campaign", f.Campaigns, m.Campaigns, s.campaignWeights())
	count := func(field, typed string, least, now int) int {
		n, err := strconv.Atoi(strings.TrimSpace(typed))
		switch {
		case strings.TrimSpace(typed) == "":
			return 0
		case err != nil || n < least || n > 999:
			bad.Add(field, "simulate.count-form", "Least", least)
			return 0
		case n == now:
			return 0
		}
		return n
	}
	m.MinLines = count("min_lines", f.MinLines, leastLines, s.Group.MinLines)
	m.MinTotal = count("min_total", f.MinTotal, leastLines, s.Group.MinTotal)
	if f.Trim != "" && !slices.Contains(SimulatedTrims(), f.Trim) {
		bad.Add("trim", "simulate.trim-unknown")
	}
	m.Trim = f.Trim
	if f.Range != "" {
		n, err := strconv.Atoi(f.Range)
		if err != nil || !slices.Contains(SimulatedRanges, n) {
			bad.Add("range", "simulate.range-unknown")
		}
		m.Range = n
	}
	if n := len([]rune(f.Note)); n > MaxNote {
		bad.Add("note", "text.long", "Limit", MaxNote, "Have", n)
	}
	if err := bad.Err(); err != nil {
		return m, err
	}
	return m, m.sane(s)
}

// sane refuses weights that are all nought among neighbours.
func (m Simulation) sane(s *Scheme) error {
	bad := fault.Fields{}
	changed := m.scheme(s)
	for _, t := range changed.Trees {
		var walk func(parts []Node)
		walk = func(parts []Node) {
			sum := Frac(0, 1)
			for _, n := range parts {
				sum = sum.add(n.Weight)
				walk(n.Parts)
			}
			if len(parts) > 0 && sum.rat.Sign() == 0 {
				bad.Add("part:"+t.Code+"/"+parts[0].Code, "simulate.all-nought")
			}
		}
		walk(t.Parts)
	}
	none := func(field string, all []int) {
		if !slices.ContainsFunc(all, func(w int) bool { return w > 0 }) {
			bad.Add(field, "simulate.all-nought")
		}
	}
	var groups, campaigns []int
	for _, g := range changed.Groups {
		groups = append(groups, g.Weight)
	}
	for _, c := range changed.Campaigns {
		campaigns = append(campaigns, c.Weight)
	}
	none("group:"+s.Groups[0].Code, groups)
	none("campaign:"+s.Campaigns[0].Code, campaigns)
	return bad.Err()
}

func (s *Scheme) partWeights() map[string]Exact {
	out := map[string]Exact{}
	for _, t := range s.Trees {
		t.each(func(n *Node, _ Exact) { out[t.Code+"/"+n.Code] = n.Weight })
	}
	return out
}

func (s *Scheme) groupWeights() map[string]Exact {
	out := map[string]Exact{}
	for _, g := range s.Groups {
		out[g.Code] = Frac(int64(g.Weight), 1)
	}
	return out
}

func (s *Scheme) campaignWeights() map[string]Exact {
	out := map[string]Exact{}
	for _, c := range s.Campaigns {
		out[c.Code] = Frac(int64(c.Weight), 1)
	}
	return out
}

// Empty reports whether nothing is to be other.
func (m Simulation) Empty() bool {
	return len(m.Parts)+len(m.Groups)+len(m.Campaigns) == 0 && m.Trim == "" && m.MinLines == 0 && m.MinTotal == 0
}

// scheme returns the scheme with the changes made. Weights of groups and campaigns
// are whole numbers there; fractions of a percent are kept by scaling them all.
func (m Simulation) scheme(s *Scheme) *Scheme {
	c := s.Clone()
	for i := range c.Trees {
		t := &c.Trees[i]
		t.each(func(n *Node, _ Exact) {
			if w, ok := m.Parts[t.Code+"/"+n.Code]; ok {
				n.Weight = w
			}
		})
	}
	for i := range c.Groups {
		c.Groups[i].Weight = hundredfold(m.Groups, c.Groups[i].Code, c.Groups[i].Weight)
	}
	for i := range c.Campaigns {
		c.Campaigns[i].Weight = hundredfold(m.Campaigns, c.Campaigns[i].Code, c.Campaigns[i].Weight)
	}
	if m.MinLines > 0 {
		c.Group.MinLines = m.MinLines
		for i := range c.Groups {
			c.Groups[i].MinLines = 0
		}
	}
	if m.MinTotal > 0 {
		c.Group.MinTotal = m.MinTotal
	}
	return c
}

// hundredfold is a hundred times a weight, changed or as it was: two decimals become
// a whole number.
func hundredfold(changes map[string]Exact, code string, now int) int {
	w, ok := changes[code]
	if !ok {
		return 100 * now
	}
	n := w.times(100, 1).Round(0)
	return int(n.rat.Num().Int64())
}

// Simulate returns the standings under the changed rules. The snapshot is not
// touched. missing counts the group means that the tally does not have for the asked
// trimming; these stay as they are.
func (s *Snapshot) Simulate(m Simulation) (standings []Standing, missing int) {
	out := *s
	out.Seal, out.raw, out.Scheme = nil, nil, m.scheme(s.Scheme)
	if percent, err := strconv.Atoi(m.Trim); err == nil {
		out.Units = slices.Clone(s.Units)
		for i := range out.Units {
			var n int
			out.Units[i].Facts.Appraisal, n = retrimmed(s.Units[i].Facts.Appraisal, percent)
			missing += n
		}
	}
	return out.Standings(), missing
}

// retrimmed takes the means that the tally kept for another trimming.
func retrimmed(campaigns []CampaignFacts, percent int) ([]CampaignFacts, int) {
	missing := 0
	out := slices.Clone(campaigns)
	for i := range out {
		out[i].Measures = slices.Clone(out[i].Measures)
		for j := range out[i].Measures {
			groups := slices.Clone(out[i].Measures[j].Groups)
			for k := range groups {
				g := &groups[k]
				at := slices.IndexFunc(g.Other, func(t TrimMean) bool { return t.Percent == percent })
				switch {
				case !g.Mean.Known():
				case at < 0:
					missing++
				default:
					g.Mean, g.Trimmed = g.Other[at].Mean, g.Lines*percent/100
				}
			}
			out[i].Measures[j].Groups = groups
		}
	}
	return out, missing
}
