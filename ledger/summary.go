package ledger

import (
	"cmp"
	"slices"

	"pingyi/calendar"
)

// Large is the threshold of a large project (超千万元项目): more than 1,000 万元.
const Large = Amount(1000_00)

// Total is what a group of contracts comes to.
type Total struct {
	Contracts int    `db:"contracts"`
	Amount    Amount `db:"amount"`   // of the contracts
	Arrived   Amount `db:"arrived"`  // funds that arrived, increases included
	Increase  Amount `db:"increase"` // of these, capital increases
	Large     int    `db:"large"`    // contracts above the threshold
}

func (t *Total) add(x Total) {
	t.Contracts += x.Contracts
	t.Amount += x.Amount
	t.Arrived += x.Arrived
	t.Increase += x.Increase
	t.Large += x.Large
}

// Left is what has not arrived of the contracts; increases are money beyond them.
func (t Total) Left() Amount { return t.Amount - t.Arrived + t.Increase }

// Group is the total of an area, or of a class in an area.
type Group struct {
	Area, Class string
	Total
}

// Summary is the ledger as it stands on a day: sums of signed investment contracts
// in CNY by area and class, and beside them, never in them, the rest.
type Summary struct {
	All     Total
	Areas   []Group
	Classes []Group // by area and class
	Apart   []Apart
}

// Apart are rows that enter no sum of contracts: agreements, trade, other currencies.
type Apart struct {
	Kind, Purpose, Currency string
	Rows                    int
	Amount                  Amount // ten thousands of Currency
}

// Cell is what rows of one area, class, kind, purpose and currency come to.
type Cell struct {
	Area     string `db:"area"`
	Class    string `db:"class"`
	Kind     string `db:"kind"`
	Purpose  string `db:"purpose"`
	Currency string `db:"currency"`
	Total
}

// Sum adds up cells. Each is in exactly one group of Classes or in Apart.
func Sum(cells []Cell) Summary {
	var s Summary
	areas, classes, apart := map[string]*Total{}, map[[2]string]*Total{}, map[[3]string]*Apart{}
	for _, c := range cells {
		if !(Contract{Kind: c.Kind, Purpose: c.Purpose, Currency: c.Currency}).Counts() {
			a := entry(apart, [3]string{c.Kind, c.Purpose, c.Currency})
			a.Kind, a.Purpose, a.Currency = c.Kind, c.Purpose, c.Currency
			a.Rows += c.Contracts
			a.Amount += c.Amount
			continue
		}
		s.All.add(c.Total)
		entry(areas, c.Area).add(c.Total)
		entry(classes, [2]string{c.Area, c.Class}).add(c.Total)
	}
	for area, t := range areas {
		s.Areas = append(s.Areas, Group{Area: area, Total: *t})
	}
	for k, t := range classes {
		s.Classes = append(s.Classes, Group{Area: k[0], Class: k[1], Total: *t})
	}
	for _, a := range apart {
		s.Apart = append(s.Apart, *a)
	}
	slices.SortFunc(s.Areas, func(a, b Group) int { return cmp.Compare(a.Area, b.Area) })
	slices.SortFunc(s.Classes, func(a, b Group) int { return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.Class, b.Class)) })
	slices.SortFunc(s.Apart, func(a, b Apart) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Currency, b.Currency))
	})
	return s
}

func entry[K comparable, V any](m map[K]*V, k K) *V {
	if m[k] == nil {
		m[k] = new(V)
	}
	return m[k]
}

// Of returns the total of an area and a class; "" stands for all.
func (s Summary) Of(area, class string) Total {
	if area == "" && class == "" {
		return s.All
	}
	var t Total
	for _, g := range s.Classes {
		if (area == "" || g.Area == area) && (class == "" || g.Class == class) {
			t.add(g.Total)
		}
	}
	return t
}

// Stated is a figure a report states (rules: a figure that does not add up is
// reported, not rounded away).
type Stated struct {
	ID     int64         `db:"id"`
	Source string        `db:"source"`
	AsOf   calendar.Date `db:"as_of"`
	What   string        `db:"what"` // contracts, amount, arrived, large
	Area   string        `db:"area"`
	Class  string        `db:"class"`
	Value  Amount        `db:"value"` // a count is in hundredths as well: 46.00
}

// Whats are the figures a report may state.
var Whats = []string{"contracts", "amount", "arrived", "large"}

// Finding is a stated figure beside what the ledger says.
type Finding struct {
	Stated
	Ledger Amount
	Apart  Amount // stated less ledger; 0: they agree
}

// Hold holds stated figures against the ledger of their day.
func Hold(stated []Stated, of func(asOf calendar.Date) Summary) []Finding {
	out := make([]Finding, len(stated))
	for i, x := range stated {
		t := of(x.AsOf).Of(x.Area, x.Class)
		f := Finding{Stated: x}
		switch x.What {
		case "contracts":
			f.Ledger = Wan(int64(t.Contracts))
		case "amount":
			f.Ledger = t.Amount
		case "arrived":
			f.Ledger = t.Arrived
		case "large":
			f.Ledger = Wan(int64(t.Large))
		}
		f.Apart = f.Value - f.Ledger
		out[i] = f
	}
	return out
}
