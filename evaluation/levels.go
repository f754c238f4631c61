package evaluation

// NationalValues are what the five levels of the national system are worth where a
// scheme gives them no value of its own.
var NationalValues = map[string]int{"vs": 100, "s": 80, "b": 60, "d": 30, "vd": 0}

// closeValue returns what a company's satisfaction at the close of an issue is worth.
// Issues always ask by the national five; a scheme whose ballot has other levels does
// not say what they are worth, so they keep their national values.
func (s *Scheme) closeValue(level string) (int, bool) {
	if v, ok := s.Value(level); ok {
		return v, true
	}
	v, ok := NationalValues[level]
	return v, ok
}
