package evaluation

import (
	"slices"
	"time"

	"pingyi/calendar"
	"pingyi/evaluation/ballotbox"
	"pingyi/fault"
	"pingyi/org"
)

// CampaignID numbers a campaign.
type CampaignID = ballotbox.CampaignID

// Campaign is one appraisal of the year's units by the county's raters (评议活动).
type Campaign struct {
	ID        CampaignID `db:"id"`
	Year      int        `db:"year"`
	Kind      string     `db:"kind"` // one of Kinds
	SchemeID  int64      `db:"scheme_id"`
	State     string     `db:"state"` // preparing, open, closed, tallied
	CardFrom  time.Time  `db:"card_from"`
	CardUntil time.Time  `db:"card_until"`
	CastFrom  time.Time  `db:"cast_from"`
	CastUntil time.Time  `db:"cast_until"`
	Opened    *time.Time `db:"opened_at"`
	Closed    *time.Time `db:"closed_at"`
	Tallied   *time.Time `db:"tallied_at"`
	Raters    *int       `db:"rater_count"`
	Cast      *int       `db:"ballots_cast"`
	Revised   *int       `db:"ballots_revised"`
	Units     int        `db:"units"`
	Listed    int        `db:"listed"` // raters on the list now
	Cards     int        `db:"cards"`  // cards collected
}

// Collecting reports whether cards can be collected at the moment.
func (c Campaign) Collecting(at time.Time) bool {
	return c.State == "open" && !at.Before(c.CardFrom) && at.Before(c.CardUntil)
}

// Casting reports whether ballots can be cast at the moment.
func (c Campaign) Casting(at time.Time) bool {
	return c.State == "open" && !at.Before(c.CastFrom) && at.Before(c.CastUntil)
}

// Kinds are the campaigns of a year.
var Kinds = []string{"q1", "q2", "mid_year", "q3", "q4", "year_end"}

// RaterGroups are the groups raters belong to: outside investors, local companies,
// the chamber, invited supervisors, the leading group.
var RaterGroups = []string{"G1", "G2", "G3", "G4", "G5"}

// CampaignDraft is a campaign as an administrator plans it: days as typed. A
// window ends at 24:00 of its last day.
type CampaignDraft struct {
	Year                                     int
	Kind                                     string
	CardFrom, CardUntil, CastFrom, CastUntil string
}

// check returns the campaign the draft describes, or what is wrong with it.
func (d CampaignDraft) check() (Campaign, fault.Fields) {
	f := fault.Fields{}
	c := Campaign{Year: d.Year, Kind: d.Kind}
	if d.Year < 2007 || d.Year > 2100 {
		f.Add("year", "campaign.year-unknown")
	}
	if !slices.Contains(Kinds, d.Kind) {
		f.Add("kind", "campaign.kind-unknown")
	}
	day := func(field, text string) calendar.Date {
		v, err := calendar.ParseDate(text)
		if err != nil {
			f.Add(field, "campaign.date-missing")
		}
		return v
	}
	cf, cu, vf, vu := day("card_from", d.CardFrom), day("card_until", d.CardUntil), day("cast_from", d.CastFrom), day("cast_until", d.CastUntil)
	if len(f) > 0 {
		return c, f
	}
	if cu < cf {
		f.Add("card_until", "campaign.window-reversed")
	}
	if vu < vf {
		f.Add("cast_until", "campaign.window-reversed")
	}
	if vf < cf {
		f.Add("cast_from", "campaign.cast-before-card")
	}
	if vu < cu {
		f.Add("cast_until", "campaign.cards-after-cast")
	}
	c.CardFrom, c.CardUntil, c.CastFrom, c.CastUntil = cf.Time(), cu.End(), vf.Time(), vu.End()
	return c, f
}

// Condition is something that must hold before a campaign opens.
type Condition struct {
	Key  string // message
	Args []any
	OK   bool
}

// Rater is a company or person on a campaign's list.
type Rater struct {
	ID      int64         `db:"rater_id"`
	Group   string        `db:"grp"`
	Company org.CompanyID `db:"company"`
	Account org.AccountID `db:"account"`
	Name    string        `db:"name"`
	Card    bool          `db:"card"` // a card was collected
	How     string        `db:"how"`
	Lost    bool          `db:"lost"`
	On      calendar.Date `db:"issued_on"`
}

// Seat is a rater's place in a campaign, as his card page shows it.
type Seat struct {
	Campaign  Campaign
	Rater     int64
	Group     string
	Collected calendar.Date // "" while no card was collected
	How       string        // online, envelope, paper
	Lost      bool          // reported lost, a second card not allowed yet
	OwnUnit   org.UnitID    // a leading-group member does not score his own unit
	Answers   bool          // this account answers for the company
}

// Errors of campaigns and cards.
var (
	ErrNotReady      = fault.New(fault.Conflict, "campaign.not-ready")
	ErrState         = fault.New(fault.Conflict, "campaign.state")
	ErrCardTaken     = fault.New(fault.Conflict, "card.taken")
	ErrNoCards       = fault.New(fault.Gone, "card.window-over")
	ErrNotRater      = fault.New(fault.Forbidden, "card.not-rater")
	ErrCampaignTwice = fault.New(fault.Conflict, "campaign.exists")
)
