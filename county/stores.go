// Package county puts the domain of one county together over its databases: what the
// program starts with, and the demo county and the tests as well.
package county

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/calendar"
	"pingyi/care"
	"pingyi/document"
	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/feedback"
	"pingyi/feedback/intake"
	"pingyi/feedback/passing"
	"pingyi/feedback/shield"
	"pingyi/honour"
	"pingyi/ledger"
	"pingyi/locale"
	"pingyi/meeting"
	"pingyi/notify"
	"pingyi/org"
	"pingyi/overview"
	"pingyi/promotion"
	"pingyi/yearfile"
)

// Stores are the domain of a county.
type Stores struct {
	Org        *org.Store
	Calendar   *calendar.Store
	Feedback   *feedback.Store
	Evaluation *evaluation.Store
	Box        *ballotbox.Box
	Passing    *passing.Store
	Shield     *shield.Store
	Intake     *intake.Store
	Projects   *ledger.Projects
	Meeting    *meeting.Store
	Ledger     *ledger.Store
	Notify     *notify.Store
	Documents  *document.Store
	Honour     *honour.Store
	Promotion  *promotion.Store
	Contacts   *care.Contacts
	Sponsors   *care.Sponsors
	Plans      *care.Plans
	Overview   *overview.Store
	YearFile   *yearfile.Store
	Cases      *care.Cases
	Policies   *care.Policies
	Checks     *care.Checks
}

// Basis is what the stores stand on.
type Basis struct {
	DB      *sqlx.DB
	Box     *ballotbox.Box
	Now     func() time.Time // UTC
	Secret  []byte
	Hashing org.Hashing
	BaseURL string
	Host    string
}

// NewStores makes the stores over a database and ships what the portal comes with:
// the calendar and the default scheme. The portal itself starts with them, too.
func NewStores(ctx context.Context, b Basis) (Stores, error) {
	s := Stores{Box: b.Box}
	s.Org = org.NewStore(b.DB, b.Now, b.Secret, b.Hashing)
	s.Org.Delegated = delegated(b.Now)
	s.Calendar = calendar.NewStore(b.DB, b.Now)
	if err := s.Calendar.Ship(ctx); err != nil {
		return s, err
	}
	catalogue, err := locale.Load()
	if err != nil {
		return s, err
	}
	s.Notify = notify.NewStore(b.DB, b.Now, s.Calendar, catalogue, b.BaseURL, b.Host)
	s.Cases = care.NewCases(b.DB, b.Now, s.Calendar)
	s.Policies = care.NewPolicies(b.DB, b.Now)
	s.Checks = care.NewChecks(b.DB, b.Now, s.Calendar)
	s.Ledger = ledger.NewStore(b.DB, b.Now)
	s.Passing = passing.NewStore(b.DB, b.Now, s.Calendar)
	s.Shield = shield.NewStore(b.DB, b.Now, s.Calendar)
	s.Projects = ledger.NewProjects(b.DB, b.Now)
	s.Promotion = promotion.NewStore(b.DB, b.Now)
	s.Contacts = care.NewContacts(b.DB, b.Now)
	s.Sponsors = care.NewSponsors(b.DB, b.Now)
	s.Plans = care.NewPlans(b.DB, b.Now, s.Calendar)
	if s.Feedback, err = feedback.NewStore(b.DB, b.Now, s.Calendar, evaluation.NJDefault().SheetWeights(), b.Secret); err != nil {
		return s, err
	}
	s.Intake = intake.NewStore(b.DB, b.Now, s.Calendar, s.Org, s.Feedback)
	s.Documents = document.NewStore(b.DB, b.Now, s.Calendar, s.Feedback, catalogue)
	s.Evaluation = evaluation.NewStore(b.DB, b.Now, b.Box, s.Feedback, s.Calendar, s.Ledger)
	s.Meeting = meeting.NewStore(b.DB, b.Now, s.Calendar, s.Feedback, s.Evaluation, s.Passing)
	s.YearFile = yearfile.NewStore(b.DB, b.Now)
	s.Overview = overview.NewStore(b.Now, s.Ledger, s.Feedback, s.Evaluation)
	s.Honour = honour.NewStore(b.DB, b.Now, s.Calendar, s.Evaluation, s.Documents, catalogue)
	return s, s.Evaluation.Ship(ctx)
}
