package meeting

import (
	"slices"
	"time"

	"pingyi/fault"
	"pingyi/org"
)

// Bulletin is a numbered bulletin (通报). A published one never changes; a correction
// is a new number that names the old one.
type Bulletin struct {
	ID          int64      `db:"id"`
	No          string     `db:"no"` // TB-2026-003; "" before it is published
	Title       string     `db:"title"`
	Body        string     `db:"body"`
	Year        int        `db:"year"`
	Quarter     int        `db:"quarter"`
	Audience    string     `db:"audience"`
	Figures     []Figure   `db:"-"`
	Corrects    int64      `db:"corrects"`
	CorrectsNo  string     `db:"corrects_no"`
	CorrectedBy int64      `db:"corrected_by"` // the published correction of this one; 0: none
	CorrectedNo string     `db:"corrected_no"`
	State       string     `db:"state"` // draft, approved, published
	Version     int        `db:"version"`
	Drafter     string     `db:"drafter"`
	DraftedBy   int64      `db:"drafted_by"`
	Approver    string     `db:"approver"`
	Approved    *time.Time `db:"approved_at"`
	Published   *time.Time `db:"published_at"`
}

// Audiences say who may read a published bulletin: the units and the county's side;
// the companies as well; everybody.
var Audiences = []string{"units", "investors", "public"}

// Read reports whether the actor may read a published bulletin for the audience.
func mayRead(audience string, a org.Actor) bool {
	switch audience {
	case "public":
		return true
	case "investors":
		return a.SignedIn()
	}
	return a.SignedIn() && !a.Is(org.RoleCompany, org.RoleChamber, org.RoleInvited)
}

// audiencesOf are the audiences whose bulletins the actor may read.
func audiencesOf(a org.Actor) []string {
	var out []string
	for _, x := range Audiences {
		if mayRead(x, a) {
			out = append(out, x)
		}
	}
	return out
}

// Figure is a line of a bulletin's table: issues of a category (0: all together) and
// the companies behind them. A withheld figure has no numbers, wherever it is kept.
type Figure struct {
	Category  int  `json:"category"`
	Issues    int  `json:"issues"`
	Companies int  `json:"companies"`
	Withheld  bool `json:"withheld"`
}

// Protect withholds figures that stand for fewer than floor companies. Since the total
// is published too, what is withheld could be had by subtraction; so the smallest line
// that could be shown is withheld as well, and what subtraction gives is about at least
// floor companies. (Lines share companies: only the largest line of a sum says how many
// it stands for at the least.) A total about fewer than floor is withheld itself. Zero
// is no figure about anybody and stays.
func Protect(total Figure, lines []Figure, floor int) (Figure, []Figure) {
	out := slices.Clone(lines)
	hidden, smallest := false, -1
	for i, f := range out {
		switch {
		case f.Issues == 0:
		case f.Companies < floor:
			out[i], hidden = Figure{Category: f.Category, Withheld: true}, true
		case smallest < 0 || f.Companies < out[smallest].Companies:
			smallest = i
		}
	}
	if hidden && smallest >= 0 {
		out[smallest] = Figure{Category: out[smallest].Category, Withheld: true}
	}
	if total.Issues > 0 && total.Companies < floor {
		total = Figure{Withheld: true}
	}
	return total, out
}

// BulletinDraft is a bulletin as typed.
type BulletinDraft struct {
	Title, Body, Audience string
	Year, Quarter         int
	Corrects              int64 // of the published bulletin it corrects; 0: none
	Version               int   // of the draft that was shown
}

// Check says what is wrong with the draft, by field.
func (d BulletinDraft) Check(thisYear int) fault.Fields {
	f := fault.Fields{}
	f.Length("title", d.Title, minText, maxTitle)
	f.Length("body", d.Body, minMinutes, maxMinutes)
	if !slices.Contains(Audiences, d.Audience) {
		f.Add("audience", "meeting.choose")
	}
	if d.Quarter < 1 || d.Quarter > 4 || d.Year < 2000 || d.Year > thisYear {
		f.Add("quarter", "meeting.quarter-missing")
	}
	return f
}

// Drafts reports whether the actor may write bulletins.
func Drafts(a org.Actor) bool { return a.IsOffice() || a.Is(org.RoleCampaignAdmin) }
