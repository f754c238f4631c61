package fault

import "unicode/utf8"

// Length records when a text is not between least and most characters long.
func (f Fields) Length(field, text string, least, most int) {
	n := utf8.RuneCountInString(text)
	switch {
	case n == 0 && least > 0:
		f.Add(field, "text.missing")
	case n < least:
		f.Add(field, "text.short", "Count", least)
	case n > most:
		f.Add(field, "text.long", "Limit", most, "Have", n)
	}
}
