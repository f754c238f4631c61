package feedback

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Span is a piece of a text that may tell who wrote it, in bytes, and of what kind it
// is: company, person, number, amount, time, place, mail.
type Span struct {
	From, To int
	Kind     string
}

// what gives a writer away; the order decides which kind a piece is called
var tells = []struct {
	kind string
	re   *regexp.Regexp
}{
	{"mail", regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+`)},
	{"amount", regexp.MustCompile(`[0-9０-９][0-9０-９,，.]*\s*(?:亿元|万元|亿|万|元|美元|卢布|yuan|CNY|RMB|USD|юан\p{L}*|руб\p{L}*|долл\p{L}*|тыс\p{L}*|млн|平方米|平米|亩|吨|台|辆|人)`)},
	{"time", regexp.MustCompile(`(?:[0-9０-９]{2,4}\s*年\s*)?[0-9０-９一二三四五六七八九十]{1,3}\s*月(?:\s*[0-9０-９一二三四五六七八九十]{1,3}\s*[日号])?|[0-9]{1,2}[:：点时][0-9]{0,2}分?|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2,4}|(?i)[0-9]{1,2}\s+(?:january|february|march|april|may|june|july|august|september|october|november|december|янв\p{L}*|фев\p{L}*|мар\p{L}*|апр\p{L}*|ма[йя]|июн\p{L}*|июл\p{L}*|авг\p{L}*|сен\p{L}*|окт\p{L}*|ноя\p{L}*|дек\p{L}*)|上周[一二三四五六日]?|昨天|前天|今天`)},
	{"company", regexp.MustCompile(`[\p{Han}A-Za-z0-9（）()]{2,20}?(?:有限责任公司|股份有限公司|有限公司|分公司|公司|集团|工厂|厂|合作社|商行|酒店|超市)|(?:ООО|ОАО|ЗАО|ИП|АО)\s*[«"“]?[\p{Cyrillic}\w -]{2,40}[»"”]?|[A-Z][\w&.-]*(?:\s+[A-Z][\w&.-]*)*\s+(?:Co\.?,?\s*Ltd\.?|Ltd\.?|LLC|Inc\.?|Group|Company)`)},
	{"person", regexp.MustCompile(`\p{Han}{1,3}(?:先生|女士|经理|总经理|董事长|厂长|老板|科长|局长|副局长|处长|主任|所长|队长|股长|师傅|书记|县长|镇长|同志|总)|\p{Han}某\p{Han}?|(?:Mr|Mrs|Ms|Dr)\.?\s+[A-Z]\w+|(?:господин\p{L}*|госпож\p{L}*)\s+\p{Lu}\p{L}+|\p{Lu}\p{Ll}+\s+\p{Lu}\.\s*\p{Lu}\.`)},
	{"place", regexp.MustCompile(`\p{Han}{2,8}(?:镇|乡|村|屯|街道|街|路|大道|小区|园区|开发区|工业园|市场|广场|大厦|口岸)(?:[0-9０-９]+号)?|(?:ул\.|улиц\p{L}*|пр\.|посёл\p{L}*|район\p{L}*)\s*\p{Lu}[\p{L}-]+|[A-Z]\w+\s+(?:Street|Road|Avenue|Town|Village|Township|Park)`)},
	{"number", regexp.MustCompile(`[0-9０-９][0-9０-９A-Za-z-]{3,}[0-9０-９A-Za-z]|[A-Za-z]{1,3}-?[0-9]{4,}`)},
}

// Tells finds the pieces of a text that may tell who wrote it: what looks like one, and
// the names that are known (of companies and people on record). They overlap nowhere and
// come in the order of the text. It finds much, not all: two people read the text.
func Tells(text string, known []string) []Span {
	var out []Span
	take := func(from, to int, kind string) {
		if from >= to || slices.ContainsFunc(out, func(s Span) bool { return from < s.To && s.From < to }) {
			return
		}
		out = append(out, Span{From: from, To: to, Kind: kind})
	}
	for _, name := range known {
		if utf8.RuneCountInString(name) < 2 {
			continue
		}
		for at := 0; ; {
			i := strings.Index(text[at:], name)
			if i < 0 {
				break
			}
			take(at+i, at+i+len(name), "company")
			at += i + len(name)
		}
	}
	for _, t := range tells {
		for _, m := range t.re.FindAllStringIndex(text, -1) {
			take(m[0], m[1], t.kind)
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	return out
}

// Piece is a part of a text, marked with what it may tell; Kind "" tells nothing.
type Piece struct{ Text, Kind string }

// Marked cuts a text into its pieces; together they are the text.
func Marked(text string, known []string) []Piece {
	var out []Piece
	at := 0
	for _, s := range Tells(text, known) {
		if s.From > at {
			out = append(out, Piece{Text: text[at:s.From]})
		}
		out = append(out, Piece{Text: text[s.From:s.To], Kind: s.Kind})
		at = s.To
	}
	if at < len(text) {
		out = append(out, Piece{Text: text[at:]})
	}
	return out
}
