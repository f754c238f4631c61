package org

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"pingyi/fault"
)

// Unit is an evaluated unit (单位): a department, a public body, a township.
type Unit struct {
	ID       UnitID
	Code     string
	Class    int // 1 to 5; units are compared within their class only
	Names    Names
	ShortZH  string
	Duties   Duties
	WindowZH string // address, hours and telephone of the service window
	Active   bool
	Head     string // 一把手; "" when the post is vacant
	Superior UnitID // 0: none
}

// Duties say in one line what an investor comes to the unit for.
type Duties struct {
	ZH string `db:"duties_zh"`
	EN string `db:"duties_en"`
	RU string `db:"duties_ru"`
}

// Names returns the duties as Names, for In.
func (d Duties) Names() Names { return Names(d) }

// Classes are the classes of units, ranked separately.
var Classes = []int{1, 2, 3, 4, 5}

// Limits of names, in characters.
const (
	MaxName = 120
	MaxLine = 400
)

var unitCode = regexp.MustCompile(`^[A-Z][0-9]{2,3}$`)

// Check says what is wrong with the unit, by field.
func (u Unit) Check() fault.Fields {
	f := fault.Fields{}
	if !unitCode.MatchString(u.Code) {
		f.Add("code", "unit.code-form")
	}
	if u.Class < 1 || u.Class > 5 {
		f.Add("class", "unit.class-unknown")
	}
	for field, v := range map[string]string{"name_zh": u.Names.ZH, "name_en": u.Names.EN, "name_ru": u.Names.RU} {
		checkName(f, field, v, true)
	}
	checkName(f, "head", u.Head, false)
	for field, v := range map[string]string{"duties_zh": u.Duties.ZH, "duties_en": u.Duties.EN, "duties_ru": u.Duties.RU, "window_zh": u.WindowZH} {
		if utf8.RuneCountInString(v) > MaxLine {
			f.Add(field, "org.too-long", "Limit", MaxLine)
		}
	}
	return f
}

func checkName(f fault.Fields, field, v string, needed bool) {
	switch {
	case needed && strings.TrimSpace(v) == "":
		f.Add(field, "org.name-missing")
	case utf8.RuneCountInString(v) > MaxName:
		f.Add(field, "org.too-long", "Limit", MaxName)
	}
}
