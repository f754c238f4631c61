package honour

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"pingyi/evaluation"
	"pingyi/org"
)

// The rule for individuals (rules 5.8): sheets from at least so many companies, and a
// mean of at least so much.
const (
	LeastCompanies = 3
	LeastMean      = 90
)

// Obstacles of individuals besides those of the lists.
const (
	FewCompanies = "companies" // evidence from fewer than three companies; nothing overrides that
	LowMean      = "mean"
	NotProposed  = "proposed" // by no company and not by the unit
)

// personSheet is a valid sheet about a visit.
type personSheet struct {
	No      string        `db:"no"`
	Company org.CompanyID `db:"company_id"`
	Staff   string        `db:"staff"` // who came, as the unit wrote it
	Score   string        `db:"score"` // exact, "num/den"
}

// nominee is somebody proposed, with the evidence there is of him.
type nominee struct {
	Unit   org.UnitID `db:"unit_id"`
	Person string     `db:"person"`
	Praise int        `db:"praise"` // companies that proposed him
	mean   *big.Rat
	facts  Facts
}

// staffOf reads the names of who came: one, or several between the usual marks.
func staffOf(staff string) []string {
	return strings.FieldsFunc(staff, func(r rune) bool { return strings.ContainsRune(",，、;；/ \t\u3000", r) })
}

// weigh fills in the evidence: each company counts once, with the mean of its sheets.
func (n *nominee) weigh(sheets []personSheet) {
	byCompany := map[org.CompanyID][]*big.Rat{}
	n.facts = Facts{Praise: n.Praise}
	for _, s := range sheets {
		x, ok := new(big.Rat).SetString(s.Score)
		if !ok || !slices.Contains(staffOf(s.Staff), n.Person) && name(s.Staff) != n.Person {
			continue
		}
		byCompany[s.Company] = append(byCompany[s.Company], x)
		n.facts.Sheets = append(n.facts.Sheets, s.No)
	}
	n.facts.Companies = len(byCompany)
	var means []*big.Rat
	for _, all := range byCompany {
		means = append(means, mean(all))
	}
	if len(means) > 0 {
		n.mean = mean(means)
		n.facts.Mean = evaluation.Of(n.mean).Text(2)
	}
	slices.Sort(n.facts.Sheets)
}

func mean(all []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, x := range all {
		sum.Add(sum, x)
	}
	return sum.Quo(sum, big.NewRat(int64(len(all)), 1))
}

// against says what keeps somebody from the list of individuals.
func (n nominee) against() []evaluation.Obstacle {
	var out []evaluation.Obstacle
	if n.facts.Companies < LeastCompanies {
		out = append(out, evaluation.Obstacle{Kind: FewCompanies, Cases: n.facts.Companies})
	}
	if n.mean != nil && n.mean.Cmp(big.NewRat(LeastMean, 1)) < 0 {
		out = append(out, evaluation.Obstacle{Kind: LowMean, Code: n.facts.Mean})
	}
	return out
}

// best returns those whom the rule takes, the highest mean first, then most companies,
// at most room of them.
func best(all []nominee, room int) []nominee {
	var out []nominee
	for _, n := range all {
		if len(n.against()) == 0 {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b nominee) int {
		return cmp.Or(b.mean.Cmp(a.mean), cmp.Compare(b.facts.Companies, a.facts.Companies), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Person, b.Person))
	})
	return out[:max(0, min(len(out), room))]
}
