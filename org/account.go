package org

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"pingyi/fault"
)

// Account is a person who can sign in.
type Account struct {
	ID        AccountID `db:"id"`
	Login     string    `db:"login"`
	Name      string    `db:"name"`
	Role      Role      `db:"role"`
	Company   CompanyID `db:"company"`
	Unit      UnitID    `db:"unit"`
	Body      BodyID    `db:"body"`
	Lang      string    `db:"lang"`
	Large     bool      `db:"large_text"`
	Phone     string    `db:"phone"`
	Email     string    `db:"email"`
	Active    bool      `db:"active"`   // has a password
	Disabled  bool      `db:"disabled"` // may not sign in
	OrgName   string    `db:"org_name"` // in Chinese
	DemoWord  string    `db:"demo_password"`
	IsRater   bool      `db:"is_rater"` // answers for the company's appraisal
	HasCode   bool      `db:"has_code"` // an activation code is open
	OrgNameEN string    `db:"org_name_en"`
}

// Errors of signing in and activating. The first says the same whether the
// account exists, the password is wrong or the account is disabled.
var (
	ErrSignIn     = fault.New(fault.Invalid, "account.sign-in-wrong")
	ErrWait       = fault.New(fault.TooMany, "account.wait")
	ErrActivation = fault.New(fault.Invalid, "account.activation-wrong")
)

// Password limits, in characters (code points). Length is the only rule beside
// the list of words everybody tries first.
const (
	MinPassword = 10
	MaxPassword = 128
)

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{2,63}$`)

// common are passwords tried first everywhere; compared folded.
var common = []string{"1234567890", "0123456789", "12345678910", "123456789a", "a123456789", "qwertyuiop", "password123", "password1234",
	"1q2w3e4r5t", "1qaz2wsx3edc", "iloveyou1314", "woaini1314520", "5201314520", "1111111111", "0000000000", "8888888888", "6666666666",
	"abcd123456", "abc1234567", "qq123456789", "admin12345", "administrator", "nenjiang123", "nenjiang2026", "pingyi123456", "zhaoshang123"}

// CheckPassword says what is wrong with a new password, by field "password".
func CheckPassword(f fault.Fields, password, login, orgName string) {
	n := utf8.RuneCountInString(password)
	folded := strings.ToLower(width.Narrow.String(password))
	switch {
	case n < MinPassword:
		f.Add("password", "account.password-short", "Count", MinPassword)
	case n > MaxPassword:
		f.Add("password", "account.password-long", "Count", MaxPassword)
	case slices.Contains(common, folded), folded == login, orgName != "" && folded == strings.ToLower(orgName), oneCharacter(folded):
		f.Add("password", "account.password-common")
	}
}

func oneCharacter(s string) bool {
	for _, r := range s[1:] {
		if r != []rune(s)[0] {
			return false
		}
	}
	return true
}

// NormalLogin folds a login as typed.
func NormalLogin(s string) string { return strings.ToLower(strings.TrimSpace(width.Narrow.String(s))) }

// codeAlphabet is Crockford's: no I, L, O, U.
var codeAlphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newCode draws an activation code: 24 characters, 120 bits.
func newCode() string {
	var b [15]byte
	_, _ = rand.Read(b[:])
	s := codeAlphabet.EncodeToString(b[:])
	return strings.Join([]string{s[:6], s[6:12], s[12:18], s[18:]}, "-")
}

// codeHash is what the database keeps of a code.
func codeHash(typed string) []byte {
	s := strings.ToUpper(width.Narrow.String(typed))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case (r >= '0' && r <= '9') || (r >= 'A' && r <= 'Z'):
			return r
		}
		return -1
	}, s)
	sum := sha256.Sum256([]byte("pingyi/activation/v1" + s))
	return sum[:]
}

// Check says what is wrong with a new account, by field.
func (a Account) Check() fault.Fields {
	f := fault.Fields{}
	if !loginForm.MatchString(a.Login) {
		f.Add("login", "account.login-form")
	}
	checkName(f, "name", a.Name, true)
	if !slices.Contains(Roles, a.Role) {
		f.Add("role", "account.role-unknown")
	}
	switch {
	case a.Role == RoleCompany && a.Company == 0:
		f.Add("company", "account.home-missing")
	case a.Role == RoleHead || a.Role == RoleOfficer:
		if a.Unit == 0 {
			f.Add("unit", "account.home-missing")
		}
	case a.Role != RoleCompany && a.Body == 0:
		f.Add("body", "account.home-missing")
	}
	if a.Phone != "" && !phoneForm.MatchString(a.Phone) {
		f.Add("phone", "org.phone-form")
	}
	if a.Email != "" && !emailForm.MatchString(a.Email) {
		f.Add("email", "org.email-form")
	}
	return f
}
