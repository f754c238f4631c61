package evaluation

import (
	"cmp"
	"math/big"
	"slices"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/org"
)

// Facts are all a unit's year is scored from. They name no company: what counts
// "once for each company" carries a number that means nothing outside the unit.
type Facts struct {
	Appraisal []CampaignFacts `json:"appraisal"`
	Sheets    SheetFacts      `json:"sheets"`
	Issues    IssueFacts      `json:"issues"`
	Tasks     TaskFigures     `json:"tasks"`
	Panels    []PanelScore    `json:"panels,omitempty"`
	Entries   []Entry         `json:"entries,omitempty"` // in the order in which they happened
}

// SheetFacts are a unit's visits and sheets.
type SheetFacts struct {
	Due       int            `json:"due"`      // visits owed by the plan
	Returned  int            `json:"returned"` // of these, with a valid returned sheet
	Companies [][]SheetScore `json:"companies,omitempty"`
}

// SheetScore is a company's last valid sheet of a quarter.
type SheetScore struct {
	Quarter int   `json:"quarter"`
	Score   Exact `json:"score"`
}

// IssueFacts are the issues a unit led whose deadline lies in the year, without
// those the supervision office left out.
type IssueFacts struct {
	All         int            `json:"all"`
	Excluded    int            `json:"excluded"`
	Responded   int            `json:"responded"`
	Solved      int            `json:"solved"`
	Ratings     map[string]int `json:"ratings,omitempty"` // satisfaction at close, by level
	Overdue     []int          `json:"overdue,omitempty"` // working days over, of each overdue issue
	OrdersEarly int            `json:"orders_early"`
}

// TaskFigures are what an office entered of a unit's tasks. Amounts in 万元.
type TaskFigures struct {
	Target  Exact `json:"target,omitzero"` // none: the unit has no target
	Arrived Exact `json:"arrived,omitzero"`
	Due     int   `json:"due"`
	Done    int   `json:"done"`
}

// PanelScore is one direct score, 0 to 100.
type PanelScore struct {
	Panel string `json:"panel"`
	Score Exact  `json:"score"`
}

// Entry is a bonus, deduction or veto entered by an office with its evidence.
type Entry struct {
	Rule    string `json:"rule"`
	Company int    `json:"company,omitempty"` // 1, 2 … within the unit; 0: none
	Amount  Exact  `json:"amount,omitzero"`   // where the rule counts an amount
}

// sheetFacts takes the names off a unit's sheets and sorts them, so that neither
// name nor order tells which company it was.
func sheetFacts(u feedback.UnitSheets) SheetFacts {
	f := SheetFacts{Due: u.Due, Returned: u.Returned}
	for _, c := range u.Companies {
		var own []SheetScore
		for i, x := range c.Scores {
			own = append(own, SheetScore{Quarter: c.Quarters[i], Score: Of(x)})
		}
		f.Companies = append(f.Companies, own)
	}
	slices.SortFunc(f.Companies, func(a, b []SheetScore) int {
		return slices.CompareFunc(a, b, func(x, y SheetScore) int {
			return cmp.Or(cmp.Compare(x.Quarter, y.Quarter), x.Score.cmp(y.Score))
		})
	})
	return f
}

func issueFacts(u feedback.UnitIssues) IssueFacts {
	over := slices.Sorted(slices.Values(u.Overdue))
	return IssueFacts{All: u.All, Excluded: u.Excluded, Responded: u.Responded, Solved: u.Solved, Ratings: u.Ratings, Overdue: over, OrdersEarly: u.OrdersEarly}
}

// namedEntry is an entry with the company it names.
type namedEntry struct {
	On      calendar.Date
	Rule    string
	Company org.CompanyID
	Amount  *big.Rat
}

// nameless numbers the companies of a unit's entries in the order they appear.
func nameless(list []namedEntry) []Entry {
	number := map[org.CompanyID]int{}
	var out []Entry
	for _, e := range list {
		if e.Company != 0 && number[e.Company] == 0 {
			number[e.Company] = len(number) + 1
		}
		out = append(out, Entry{Rule: e.Rule, Company: number[e.Company], Amount: Of(e.Amount)})
	}
	return out
}
