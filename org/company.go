package org

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"pingyi/fault"
)

// Company is a company in the county.
type Company struct {
	ID          CompanyID `db:"id"`
	Licence     string    `db:"licence"` // unified social credit code, 18 characters
	Names                 // name_zh, name_en, name_ru
	Origin      string    `db:"origin"`
	Sector      string    `db:"sector"`
	RaterGroup  string    `db:"rater_group"` // G1, G2, or "" when it takes no part
	Township    string    `db:"township"`
	Head        string    `db:"head_name"`
	Phone       string    `db:"phone"`
	Email       string    `db:"email"`
	ContactUnit UnitID    `db:"contact_unit"` // 联系单位; 0: none
	Active      bool      `db:"active"`
	Member      bool      `db:"member"`   // of the chamber today
	Accounts    int       `db:"accounts"` // people who can sign in
}

// Origins say where the investor comes from.
var Origins = []string{"province_outside", "county_outside", "russia", "foreign", "local"}

// Sectors are the trades a company can be of.
var Sectors = []string{"agriculture", "food", "energy", "building", "mining", "wood", "trade", "logistics", "services", "technology", "health", "other"}

// NormalLicence folds what a person typed of a licence number.
func NormalLicence(s string) string {
	s = strings.ToUpper(width.Narrow.String(s))
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u3000' {
			return -1
		}
		return r
	}, s)
}

const licenceAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var licenceWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// LicenceCheck returns the check character of the first 17 characters of a
// unified social credit code (GB 32100-2015): 31 − (Σ c·w mod 31), as a character.
// It returns 0 when a character is not allowed there.
func LicenceCheck(first17 string) byte {
	sum := 0
	for i := range 17 {
		v := strings.IndexByte(licenceAlphabet, first17[i])
		if v < 0 {
			return 0
		}
		sum += v * licenceWeights[i]
	}
	return licenceAlphabet[(31-sum%31)%31]
}

// ValidLicence reports whether s is a well-formed licence number with its check
// character right.
func ValidLicence(s string) bool {
	return len(s) == 18 && LicenceCheck(s[:17]) == s[17] && s[17] != 0
}

var (
	phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{5,24}$`)
	emailForm = regexp.MustCompile(`^[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}$`)
)

// Check says what is wrong with the company, by field.
func (c Company) Check() fault.Fields {
	f := fault.Fields{}
	if !ValidLicence(c.Licence) {
		f.Add("licence", "company.licence-wrong")
	}
	checkName(f, "name_zh", c.ZH, true)
	checkName(f, "name_en", c.EN, false)
	checkName(f, "name_ru", c.RU, false)
	checkName(f, "head", c.Head, false)
	if !has(Origins, c.Origin) {
		f.Add("origin", "company.origin-unknown")
	}
	if !has(Sectors, c.Sector) {
		f.Add("sector", "company.sector-unknown")
	}
	if c.RaterGroup != "" && c.RaterGroup != "G1" && c.RaterGroup != "G2" {
		f.Add("rater_group", "company.group-unknown")
	}
	if c.Phone != "" && !phoneForm.MatchString(c.Phone) {
		f.Add("phone", "org.phone-form")
	}
	if c.Email != "" && (!emailForm.MatchString(c.Email) || len(c.Email) > 120) {
		f.Add("email", "org.email-form")
	}
	if utf8.RuneCountInString(c.Township) > 40 {
		f.Add("township", "org.too-long", "Limit", 40)
	}
	return f
}

func has(list []string, one string) bool {
	for _, s := range list {
		if s == one {
			return true
		}
	}
	return false
}
