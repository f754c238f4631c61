package server

import (
	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/org"
)

// moveRow is a unit's move between two rankings, in words.
type moveRow struct {
	evaluation.Move
	Name              string
	Code              string
	TotalWas, TotalIs string
	RankWas, RankIs   string
	Difference        string // with its sign
	Places            string // "↑2", "↓1"; "" for none
	Range             string // places the data allowed before
	Beyond, Changed   bool
}

func (s *Server) moveRows(t *locale.Translator, moves []evaluation.Move, units map[org.UnitID]org.Unit) []moveRow {
	out := make([]moveRow, len(moves))
	for i, m := range moves {
		u := units[m.Unit]
		out[i] = moveRow{Move: m, Name: u.Names.In(t.Lang()), Code: u.Code, TotalWas: totalText(t, m.Before), TotalIs: totalText(t, m.After),
			RankWas: rankText(t, m.Before), RankIs: rankText(t, m.After), Places: placesText(t, m.Places()), Beyond: m.Beyond(), Changed: m.Changed()}
		if d := m.Difference(); d.Known() && d.Float() == 0 {
			out[i].Difference = "0"
		} else if d.Known() {
			out[i].Difference = withSign(t.Number(d.Text(4)))
		}
		if m.Before.Rank > 0 {
			out[i].Range = t.Int(m.Before.Best) + "–" + t.Int(m.Before.Worst)
		}
	}
	return out
}

func totalText(t *locale.Translator, s evaluation.Standing) string {
	if !s.Result.Total.Known() {
		return "—"
	}
	return t.Number(s.Result.Total.Text(4))
}

// rankText is the place, or the status of a unit without one.
func rankText(t *locale.Translator, s evaluation.Standing) string {
	if s.Rank > 0 {
		return t.Int(s.Rank)
	}
	return t.T("results.status-" + string(s.Status))
}

func placesText(t *locale.Translator, n int) string {
	switch {
	case n > 0:
		return "↑" + t.Int(n)
	case n < 0:
		return "↓" + t.Int(-n)
	}
	return ""
}

// withSign puts a sign before a number: a plus, or a real minus.
func withSign(number string) string {
	if number != "" && (number[0] == '-') {
		return "−" + number[1:]
	}
	return "+" + number
}
