// Package roster brings lists of units, companies and contacts in from a
// spreadsheet: read, compared row by row with what is on record, written in one
// transaction or not at all.
package roster

import (
	"strings"

	"pingyi/fault"
	"pingyi/ledger"
	"pingyi/org"
)

// Kind is what a file lists.
type Kind string

// The kinds, in the order in which a new county needs them.
const (
	Units     Kind = "units"
	Companies Kind = "companies"
	Contacts  Kind = "contacts"
	Contracts Kind = "contracts" // rows of the ledger
	Arrivals  Kind = "arrivals"  // money that arrived on them
)

// Kinds lists all kinds.
var Kinds = []Kind{Units, Companies, Contacts, Contracts, Arrivals}

// Limits of a file.
const (
	MaxRows = 5000
	MaxSize = 10 << 20 // bytes
)

// Column is one column of a kind.
type Column struct {
	Code   string
	Needed bool
	Max    int // characters
	Lines  bool
	// Words are the codes a cell may hold; nil: free text.
	Words []string
}

var (
	unitColumns = []Column{{Code: "code", Needed: true, Max: 4}, {Code: "class", Needed: true, Max: 20, Words: []string{"1", "2", "3", "4", "5"}},
		{Code: "name_zh", Needed: true, Max: org.MaxName}, {Code: "name_en", Needed: true, Max: org.MaxName}, {Code: "name_ru", Needed: true, Max: org.MaxName},
		{Code: "short_zh", Max: 20}, {Code: "duties_zh", Max: org.MaxLine}, {Code: "duties_en", Max: org.MaxLine}, {Code: "duties_ru", Max: org.MaxLine},
		{Code: "window_zh", Max: org.MaxLine}, {Code: "head", Max: org.MaxName}, {Code: "superior", Max: 4}}
	companyColumns = []Column{{Code: "licence", Needed: true, Max: 24}, {Code: "name_zh", Needed: true, Max: org.MaxName}, {Code: "name_en", Max: org.MaxName},
		{Code: "name_ru", Max: org.MaxName}, {Code: "origin", Needed: true, Max: 40, Words: org.Origins}, {Code: "sector", Needed: true, Max: 40, Words: org.Sectors},
		{Code: "rater_group", Max: 60, Words: []string{"G1", "G2"}}, {Code: "township", Max: 40}, {Code: "head", Max: org.MaxName}, {Code: "phone", Max: 26},
		{Code: "email", Max: 120}, {Code: "contact_unit", Max: 4}, {Code: "member", Max: 10, Words: []string{"yes", "no"}}}
	contractColumns = []Column{{Code: "no", Needed: true, Max: ledger.MaxNo}, {Code: "ledger_kind", Needed: true, Max: 20, Words: ledger.Kinds}, {Code: "purpose", Needed: true, Max: 20, Words: ledger.Purposes},
		{Code: "title", Needed: true, Max: ledger.MaxTitle}, {Code: "investor", Needed: true, Max: ledger.MaxInvestor}, {Code: "area", Needed: true, Max: 40}, {Code: "ledger_class", Needed: true, Max: 40},
		{Code: "amount", Needed: true, Max: 30}, {Code: "currency", Needed: true, Max: 30, Words: ledger.Currencies}, {Code: "agreed", Max: 10}, {Code: "signed", Max: 10}, {Code: "contact_unit", Max: 4}, {Code: "source", Max: ledger.MaxTitle}}
	arrivalColumns = []Column{{Code: "no", Needed: true, Max: ledger.MaxNo}, {Code: "voucher", Needed: true, Max: ledger.MaxVoucher}, {Code: "arrival_kind", Needed: true, Max: 30, Words: []string{"contract", "increase"}},
		{Code: "arrived", Needed: true, Max: 10}, {Code: "amount", Needed: true, Max: 30}, {Code: "verifier", Max: ledger.MaxVoucher}}
	contactColumns = []Column{{Code: "licence", Needed: true, Max: 24}, {Code: "name", Needed: true, Max: org.MaxName}, {Code: "login", Needed: true, Max: 64},
		{Code: "phone", Max: 26}, {Code: "email", Max: 120}, {Code: "lang", Max: 10, Words: []string{"zh-CN", "en", "ru"}}}
)

// Columns returns the columns of a kind, nil when there is no such kind.
func (k Kind) Columns() []Column {
	switch k {
	case Units:
		return unitColumns
	case Companies:
		return companyColumns
	case Contacts:
		return contactColumns
	case Contracts:
		return contractColumns
	case Arrivals:
		return arrivalColumns
	}
	return nil
}

// Key is the column that tells the rows of a kind apart.
func (k Kind) Key() string {
	switch k {
	case Units:
		return "code"
	case Companies:
		return "licence"
	case Contracts:
		return "no"
	case Arrivals:
		return "voucher"
	}
	return "login"
}

// May reports whether the actor may bring in rows of the kind.
func (k Kind) May(a org.Actor) bool {
	if org.Keeps(a) {
		return true
	}
	return a.Role == org.RoleChamber && (k == Companies || k == Contacts)
}

// Row is a line of the file: what its cells say, by column code. A column the
// file does not have is not in Cells.
type Row struct {
	No      int // as the spreadsheet counts
	Cells   map[string]string
	Defects []Defect
}

// Defect is why a row cannot be brought in.
type Defect struct {
	Column string     `json:"column"` // "" for the row as a whole
	Text   fault.Text `json:"text"`
}

// Status says what bringing a row in would do.
type Status string

// The statuses of a row.
const (
	New     Status = "new"
	Changed Status = "changed"
	Same    Status = "same"
	Bad     Status = "bad"
)

// Line is the verdict on a row.
type Line struct {
	No      int      `json:"no"`
	Key     string   `json:"key"`
	Name    string   `json:"name"`
	Status  Status   `json:"status"`
	Changes []string `json:"changes,omitempty"` // codes of the columns that change
	Defects []Defect `json:"defects,omitempty"`
}

// Report is the outcome of a dry run. Mark stands for the file and everything on
// record that it was compared with: when it is another, the comparison is old.
type Report struct {
	Kind  Kind           `json:"kind"`
	Count map[Status]int `json:"count"`
	Lines []Line         `json:"lines"`
	Mark  string         `json:"mark"`
}

// Total is the number of rows.
func (r Report) Total() int { return len(r.Lines) }

// Ready reports whether the file can be brought in as it is.
func (r Report) Ready() bool { return r.Count[Bad] == 0 && r.Count[New]+r.Count[Changed] > 0 }

// Words translate what people write into codes: column names in any language to
// column codes, and the words of a column to its codes. Keys are folded by Fold.
type Words struct {
	Columns map[string]string
	Values  map[string]map[string]string // column code → word → code
}

// NewWords builds the words from the texts of the catalogue: texts returns a
// message in every language.
func NewWords(texts func(key string) []string) Words {
	w := Words{Columns: map[string]string{}, Values: map[string]map[string]string{}}
	value := func(column, code, key string) {
		if w.Values[column] == nil {
			w.Values[column] = map[string]string{}
		}
		w.Values[column][Fold(code)] = code
		for _, t := range texts(key) {
			w.Values[column][Fold(t)] = code
		}
	}
	for _, kind := range Kinds {
		for _, c := range kind.Columns() {
			w.Columns[Fold(c.Code)] = c.Code
			for _, t := range texts(ColumnKey(c.Code)) {
				w.Columns[Fold(t)] = c.Code
			}
			for _, code := range c.Words {
				value(c.Code, code, WordKey(c.Code, code))
			}
		}
	}
	return w
}

// ColumnKey is the message that names a column.
func ColumnKey(code string) string { return "import.col-" + code }

// WordKey is the message that names a code of a column.
func WordKey(column, code string) string {
	switch column {
	case "class", "origin", "sector":
		return column + "." + code
	case "rater_group":
		return "group." + code
	case "ledger_kind", "arrival_kind", "purpose", "currency":
		return "ledger." + strings.TrimSuffix(strings.TrimPrefix(column, "ledger_"), "_kind") + "-" + code
	}
	return "import." + column + "-" + code
}
