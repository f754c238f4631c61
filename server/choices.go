package server

import (
	"context"
	"strconv"

	"pingyi/locale"
	"pingyi/org"
)

// choice is an option of a list or a row of radios.
type choice struct{ Value, Label, Hint string }

// choices makes options of codes whose words stand in the catalogue under prefix.
func choices(t *locale.Translator, prefix string, codes []string) []choice {
	out := make([]choice, len(codes))
	for i, code := range codes {
		out[i] = choice{Value: code, Label: t.T(prefix + code)}
		if hint := prefix + code + "-hint"; t.Has(hint) {
			out[i].Hint = t.T(hint)
		}
	}
	return out
}

// numbers makes options 1 to n.
func numbers(t *locale.Translator, prefix string, n int) []choice {
	codes := make([]string, n)
	for i := range codes {
		codes[i] = strconv.Itoa(i + 1)
	}
	return choices(t, prefix, codes)
}

// unitChoices lists the units by class.
func (s *Server) unitChoices(ctx context.Context, t *locale.Translator) ([]choice, error) {
	units, err := s.Org.Units(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]choice, len(units))
	for i, u := range units {
		out[i] = choice{Value: strconv.FormatInt(int64(u.ID), 10), Label: u.Names.In(t.Lang())}
	}
	return out, nil
}

func idText[T ~int64](id T) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

// unitsByID indexes the units.
func (s *Server) unitsByID(ctx context.Context) (map[org.UnitID]org.Unit, error) {
	units, err := s.Org.Units(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[org.UnitID]org.Unit, len(units))
	for _, u := range units {
		out[u.ID] = u
	}
	return out, nil
}
