package ledger

import (
	"slices"
	"strings"
	"time"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
)

// ContractID numbers a row of the ledger.
type ContractID int64

// The kinds of rows, in the order in which one becomes the next. Kinds are never
// summed together.
const (
	Intention = "intention" // 意向
	Agreement = "agreement" // 协议
	Signed    = "contract"  // 合同
)

// The choices of a contract.
var (
	Kinds      = []string{Intention, Agreement, Signed}
	Purposes   = []string{"investment", "trade"}
	Currencies = []string{"CNY", "USD", "RUB", "EUR"}
	Stages     = []string{"intention", "agreement", "contract", "part", "full", "production", "ended"}
)

// CNY is the currency of the ledger's sums.
const CNY = "CNY"

// Limits of a contract's texts, in characters.
const (
	MaxTitle    = 120
	MaxInvestor = 120
	MaxNo       = 40
	MaxVoucher  = 60
	MinWhy      = 5
	MaxWhy      = 500
)

// Contract is a row of the ledger (台账): an intention, an agreement or a contract.
type Contract struct {
	ID       ContractID    `db:"id"`
	No       string        `db:"no"`
	Kind     string        `db:"kind"`
	Purpose  string        `db:"purpose"`
	Title    string        `db:"title"`
	Investor string        `db:"investor"`
	Company  org.CompanyID `db:"company_id"`
	Area     string        `db:"area"`
	Class    string        `db:"class"`
	Amount   Amount        `db:"amount"` // ten thousands of Currency
	Currency string        `db:"currency"`
	Agreed   calendar.Date `db:"agreed_on"`
	Signed   calendar.Date `db:"signed_on"`
	Unit     org.UnitID    `db:"unit_id"` // contact unit
	UnitName org.Names     `db:"unit"`
	Source   string        `db:"source"`
	Produced calendar.Date `db:"produced_on"`
	Ended    calendar.Date `db:"ended_on"`
	EndedWhy string        `db:"ended_why"`
	Arrived  Amount        `db:"arrived"`  // of the contract, by the as-of day
	Increase Amount        `db:"increase"` // capital increases, by the as-of day
}

// Stage says how far a row has come: intention, agreement, contract, part (funds
// arrived in part), full, production, ended.
func (c Contract) Stage() string {
	switch {
	case c.Ended != "":
		return "ended"
	case c.Kind != Signed:
		return c.Kind
	case c.Produced != "":
		return "production"
	case c.Arrived == 0:
		return "contract"
	case c.Arrived < c.Amount:
		return "part"
	}
	return "full"
}

// Counts reports whether the row enters the sums of contracts in CNY: a signed
// investment contract in CNY. An agreement never counts as a contract, and another
// currency never enters a sum without a dated rate.
func (c Contract) Counts() bool {
	return c.Kind == Signed && c.Purpose == "investment" && c.Currency == CNY
}

// Arrival is money that arrived (到位资金).
type Arrival struct {
	ID       int64         `db:"id"`
	Contract ContractID    `db:"contract_id"`
	Kind     string        `db:"kind"` // contract, increase
	On       calendar.Date `db:"arrived_on"`
	Amount   Amount        `db:"amount"`
	Voucher  string        `db:"voucher"`
	Verifier string        `db:"verified_by"` // "": not verified
	Struck   *time.Time    `db:"struck_at"`   // an entry in error is struck out, never deleted
	Why      string        `db:"struck_why"`
	By       string        `db:"by"`
	At       time.Time     `db:"entered_at"`
}

// ContractDraft is a row as typed.
type ContractDraft struct {
	No, Kind, Purpose, Title, Investor, Licence, Area, Class, Amount, Currency, Agreed, Signed, Unit, Source string
}

// Places are the areas and classes the county has.
type Places struct{ Areas, Classes []Place }

// Place is an area or a class.
type Place struct {
	Code string `db:"code"`
	org.Names
}

func has(places []Place, code string) bool {
	return slices.ContainsFunc(places, func(p Place) bool { return p.Code == code })
}

// Check reads a draft and says what is wrong with it, by field.
func (d ContractDraft) Check(p Places, today calendar.Date) (Contract, fault.Fields) {
	f := fault.Fields{}
	c := Contract{No: strings.TrimSpace(d.No), Kind: d.Kind, Purpose: d.Purpose, Title: strings.TrimSpace(d.Title), Investor: strings.TrimSpace(d.Investor),
		Area: d.Area, Class: d.Class, Currency: d.Currency, Source: strings.TrimSpace(d.Source)}
	f.Length("no", c.No, 1, MaxNo)
	f.Length("title", c.Title, 2, MaxTitle)
	f.Length("investor", c.Investor, 2, MaxInvestor)
	f.Length("source", c.Source, 0, MaxTitle)
	for _, x := range []struct {
		field, value string
		ok           bool
	}{{"kind", d.Kind, slices.Contains(Kinds, d.Kind)}, {"purpose", d.Purpose, slices.Contains(Purposes, d.Purpose)}, {"area", d.Area, has(p.Areas, d.Area)},
		{"class", d.Class, has(p.Classes, d.Class)}, {"currency", d.Currency, slices.Contains(Currencies, d.Currency)}} {
		if !x.ok {
			f.Add(x.field, "ledger.choose")
		}
	}
	var ok bool
	if c.Amount, ok = ParseAmount(d.Amount); !ok || c.Amount <= 0 {
		f.Add("amount", "ledger.amount-wrong")
	}
	c.Agreed = day(f, "agreed", d.Agreed, today)
	c.Signed = day(f, "signed", d.Signed, today)
	switch {
	case d.Kind == Signed && d.Signed == "":
		f.Add("signed", "ledger.signed-missing")
	case d.Kind != Signed && d.Signed != "":
		f.Add("signed", "ledger.signed-not-contract")
	case d.Kind != Signed && d.Agreed == "":
		f.Add("agreed", "ledger.agreed-missing")
	case c.Agreed != "" && c.Signed != "" && c.Agreed > c.Signed:
		f.Add("signed", "ledger.signed-before-agreed")
	}
	return c, f
}

// ArrivalDraft is an arrival as typed.
type ArrivalDraft struct{ Kind, On, Amount, Voucher, Verifier string }

// Check reads a draft and says what is wrong with it, by field.
func (d ArrivalDraft) Check(today calendar.Date) (Arrival, fault.Fields) {
	f := fault.Fields{}
	a := Arrival{Kind: d.Kind, Voucher: strings.TrimSpace(d.Voucher), Verifier: strings.TrimSpace(d.Verifier)}
	if d.Kind != "contract" && d.Kind != "increase" {
		f.Add("kind", "ledger.choose")
	}
	var ok bool
	if a.Amount, ok = ParseAmount(d.Amount); !ok || a.Amount <= 0 {
		f.Add("amount", "ledger.amount-wrong")
	}
	if d.On == "" {
		f.Add("on", "ledger.day-missing")
	} else {
		a.On = day(f, "on", d.On, today)
	}
	f.Length("voucher", a.Voucher, 1, MaxVoucher)
	f.Length("verifier", a.Verifier, 0, MaxVoucher)
	return a, f
}

// day reads a day that is not ahead; "" stays "".
func day(f fault.Fields, field, s string, today calendar.Date) calendar.Date {
	if s == "" {
		return ""
	}
	d, err := calendar.ParseDate(s)
	switch {
	case err != nil:
		f.Add(field, "ledger.day-wrong")
	case d > today:
		f.Add(field, "ledger.day-ahead")
	}
	return d
}
