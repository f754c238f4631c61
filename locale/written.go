package locale

import "unicode"

// Written returns the language a text is written in, judged by its letters: Chinese when
// a Chinese character stands in it, else Russian when a Cyrillic letter does, else
// English; a text without letters is in the language given.
func Written(text, otherwise string) string {
	var cyrillic, latin bool
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			return Chinese
		case unicode.Is(unicode.Cyrillic, r):
			cyrillic = true
		case unicode.Is(unicode.Latin, r):
			latin = true
		}
	}
	switch {
	case cyrillic:
		return Russian
	case latin:
		return English
	}
	return otherwise
}
