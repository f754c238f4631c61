package feedback

// YearFacts are counts of a year's visits, sheets and issues by the end of a day.
type YearFacts struct {
	Quarters []QuarterCount
	Months   []MonthCount // of the year, up to the month of the day
	Open     int          // issues open at the end of the day, of whatever year
	Overdue  int          // of these, past their deadline and not answered
	Closed   int          // closed in the year
	Solved   int          // of these, solved by the company's word
}

// QuarterCount are the visits and sheets of a quarter.
type QuarterCount struct {
	Quarter int `db:"quarter"`
	Due     int `db:"due"`    // visits owed by the plan
	Made    int `db:"made"`   // of these, made by the day
	Visits  int `db:"visits"` // made by the day, also beyond the plan
	Sheets  int `db:"sheets"` // returned by the day
}
