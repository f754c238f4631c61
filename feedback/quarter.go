package feedback

import (
	"pingyi/calendar"
	"pingyi/org"
)

// QuarterFacts are what happened in visits, sheets and issues from one day to another,
// and how the open issues stand at the end: counts alone, no company.
type QuarterFacts struct {
	Units      []UnitQuarter   `json:"units"`
	Categories []CategoryCount `json:"categories"` // the most frequent first
	Waiting    int             `json:"waiting"`    // raised and not registered yet
	Companies  int             `json:"companies"`  // that raised an issue
	Overdue    []OverdueIssue  `json:"overdue"`    // the longest overdue first, at most MaxOverdue
	Months     []MonthCount    `json:"months"`     // twelve months up to the last day
}

// MaxOverdue is how many overdue issues QuarterFacts names one by one.
const MaxOverdue = 40

// UnitQuarter are a unit's counts.
type UnitQuarter struct {
	Unit     org.UnitID `json:"unit" db:"id"`
	Code     string     `json:"code" db:"code"`
	Name     org.Names  `json:"name" db:"name"`
	Class    int        `json:"class" db:"class"`
	Due      int        `json:"due" db:"due"`           // visits owed by the plan
	Made     int        `json:"made" db:"made"`         // of these, made
	Visits   int        `json:"visits" db:"visits"`     // made, also beyond the plan
	Sheets   int        `json:"sheets" db:"sheets"`     // returned
	Opened   int        `json:"opened" db:"opened"`     // issues the unit leads, raised in the time
	Closed   int        `json:"closed" db:"closed"`     // closed in the time
	Solved   int        `json:"solved" db:"solved"`     // of these, solved by the company's word
	Open     int        `json:"open" db:"open"`         // open at the end
	Overdue  int        `json:"overdue" db:"overdue"`   // of these, past their deadline
	Handover int        `json:"handover" db:"handover"` // times an issue was proposed to another unit
}

// CategoryCount counts the issues of a category and the companies behind them.
type CategoryCount struct {
	Category  int `json:"category" db:"category"`
	Issues    int `json:"issues" db:"issues"`
	Companies int `json:"companies" db:"companies"`
}

// MonthCount counts issues raised and closed in a month.
type MonthCount struct {
	Month  string `json:"month" db:"month"` // 2026-11
	Opened int    `json:"opened" db:"opened"`
	Closed int    `json:"closed" db:"closed"`
}

// OverdueIssue is an open issue past its deadline.
type OverdueIssue struct {
	Ref   string        `json:"ref" db:"ref"`
	Title string        `json:"title" db:"title"`
	Lang  string        `json:"lang" db:"lang"`
	Unit  org.Names     `json:"unit" db:"unit"`
	Grade string        `json:"grade" db:"grade"`
	DueOn calendar.Date `json:"due_on" db:"deadline_on"`
	Days  int           `json:"days"` // working days over
}
