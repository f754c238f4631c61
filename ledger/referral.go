package ledger

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// ReferralID numbers a referral.
type ReferralID int64

// The states of a referral. Only verified ones count.
const (
	ReferralNamed    = "named"
	ReferralVerified = "verified"
	ReferralRefused  = "refused"
	ReferralStruck   = "struck"
)

// Referral is one investor named as brought by another (以老引新).
type Referral struct {
	ID         ReferralID    `db:"id"`
	Referrer   org.CompanyID `db:"referrer_id"`
	ReferrerIs org.Names     `db:"referrer"`
	Newcomer   string        `db:"newcomer"` // as named
	About      string        `db:"about"`
	State      string        `db:"state"`
	NamedBy    string        `db:"named_by"`
	Namer      org.AccountID `db:"namer"`
	NamedAt    time.Time     `db:"named_at"`
	Contract   ContractID    `db:"contract_id"`
	No         string        `db:"no"` // of the contract
	Company    org.CompanyID `db:"newcomer_id"`
	CompanyIs  org.Names     `db:"company"` // the newcomer, when the county has his company
	Unit       org.UnitID    `db:"unit_id"`
	UnitName   org.Names     `db:"unit"`
	Evidence   string        `db:"evidence"`
	DecidedBy  string        `db:"decided_by"`
	DecidedAt  *time.Time    `db:"decided_at"`
	Why        string        `db:"why"`
	Contact    org.UnitID    `db:"contact"` // contact unit of the referrer today
}

// Name is what the newcomer is called: his company's name, else as he was named.
func (r Referral) Name(lang string) string {
	if r.Company != 0 {
		return r.CompanyIs.In(lang)
	}
	return r.Newcomer
}

// MayDecide reports whether the actor may verify or refuse it: an office, and not the
// account that named it.
func (r Referral) MayDecide(a org.Actor) bool {
	return a.IsOffice() && r.State == ReferralNamed && r.Namer != a.Account
}

// MayStrike reports whether the actor may take a verified one back.
func (r Referral) MayStrike(a org.Actor) bool { return a.IsOffice() && r.State == ReferralVerified }

// ReferralDraft is a referral as named. Licence is the referrer's where an office names
// it for him; a company names for itself.
type ReferralDraft struct{ Licence, Newcomer, About string }

func (d ReferralDraft) check() fault.Fields {
	f := fault.Fields{}
	f.Length("newcomer", strings.TrimSpace(d.Newcomer), 2, MaxInvestor)
	f.Length("about", strings.TrimSpace(d.About), MinWhy, MaxWhy)
	return f
}

// Verification is what an office found: the contract the newcomer signed, his company's
// licence where the contract does not name it, the unit to credit, and how it was seen.
type Verification struct {
	No, Licence string
	Unit        org.UnitID // 0: nobody is credited
	Evidence    string
}

// Link is a verified referral with its contract, as the graph takes it.
type Link struct {
	Referrer   org.CompanyID `db:"referrer_id"`
	ReferrerIs org.Names     `db:"referrer"`
	Newcomer   string        `db:"newcomer"`
	Company    org.CompanyID `db:"newcomer_id"` // 0: a newcomer without a company in the county, who can bring nobody
	CompanyIs  org.Names     `db:"company"`
	Contract   ContractID    `db:"contract_id"`
	No         string        `db:"no"`
	Signed     calendar.Date `db:"signed_on"`
	Amount     Amount        `db:"amount"`
	Arrived    Amount        `db:"arrived"`  // all that arrived, increases included
	Verified   Amount        `db:"verified"` // of this, verified
}

// Branch is an investor in the graph of referrals, with those he brought below him.
type Branch struct {
	Company   org.CompanyID
	Name      org.Names // ZH alone for a newcomer without a company
	Contracts []Link    // by which he came; none for the first of a chain
	Brought   []*Branch
}

// In is the investor's name in a language.
func (b *Branch) In(lang string) string { return b.Name.In(lang) }

// Sum is what the branch comes to below its first investor: contracts brought by
// referral, each once. Length is the number of referrals on the longest way down.
type BranchSum struct {
	Length, Investors, Contracts int
	Amount, Arrived, Verified    Amount
}

// Sum adds the branch up: its own contracts and all below.
func (b *Branch) Sum() BranchSum {
	var s BranchSum
	for _, l := range b.Contracts {
		s.Contracts++
		s.Amount += l.Amount
		s.Arrived += l.Arrived
		s.Verified += l.Verified
	}
	for _, x := range b.Brought {
		below := x.Sum()
		s.Length = max(s.Length, below.Length+1)
		s.Investors += below.Investors + 1
		s.Contracts += below.Contracts
		s.Amount += below.Amount
		s.Arrived += below.Arrived
		s.Verified += below.Verified
	}
	return s
}

// Chains arranges links into trees, those that brought most money first. links must be
// without cycles, as the database keeps them; a cycle would appear in no tree.
func Chains(links []Link) []*Branch {
	known := map[org.CompanyID]*Branch{}
	at := func(id org.CompanyID, name org.Names) *Branch {
		if known[id] == nil {
			known[id] = &Branch{Company: id, Name: name}
		}
		return known[id]
	}
	brought := map[org.CompanyID]bool{}
	for _, l := range links {
		from := at(l.Referrer, l.ReferrerIs)
		to := &Branch{Name: org.Names{ZH: l.Newcomer}}
		if l.Company != 0 {
			to = at(l.Company, l.CompanyIs)
		}
		to.Contracts = append(to.Contracts, l)
		if l.Company == 0 || !brought[l.Company] {
			from.Brought = append(from.Brought, to)
		}
		brought[l.Company] = true
	}
	var out []*Branch
	for id, b := range known {
		if !brought[id] {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b *Branch) int {
		return cmp.Or(cmp.Compare(b.Sum().Arrived, a.Sum().Arrived), cmp.Compare(a.Company, b.Company))
	})
	return out
}

// The kinds of credits.
const (
	CreditReferral = "referral" // a verified referral contract, in the year it was signed
	CreditIncrease = "increase" // verified capital increases on a contract, in the year they arrived
)

// Credit is what the ledger says to a contact unit's credit in a year.
type Credit struct {
	Kind     string        `db:"kind"`
	Unit     org.UnitID    `db:"unit_id"`
	On       calendar.Date `db:"on_day"`
	Contract ContractID    `db:"contract_id"`
	No       string        `db:"no"`
	Investor string        `db:"investor"`
	Referrer org.Names     `db:"referrer"`
	Amount   Amount        `db:"amount"` // of the contract, or of the increases of the year
	By       string        `db:"by"`     // who verified
	Checked  time.Time     `db:"checked_at"`
}
