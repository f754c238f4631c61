package editor

import "pingyi/evaluation"

// Skeleton returns a scheme begun from nothing: usual values where a county rarely
// differs, and everything else open. It is not valid yet; Scheme.Validate says what
// is missing.
func Skeleton(code string) *evaluation.Scheme {
	return &evaluation.Scheme{
		Code:       code,
		Line:       evaluation.LineRule{MinWeight: 50},
		Group:      evaluation.GroupRule{Trim: evaluation.TrimNone, MinLines: 5, MinTotal: 10},
		Sheets:     evaluation.SheetRule{MinWeight: 50},
		Total:      evaluation.TotalRule{Min: evaluation.Frac(0, 1), Max: evaluation.Frac(100, 1), Decimals: 4, Rounding: evaluation.RoundHalfUp, Shown: 2},
		Ties:       evaluation.TieRule{Rule: evaluation.TiesStandard},
		Fairness:   evaluation.FairnessRule{MinRaters: 10, MinReliability: evaluation.Decimal("0.7"), Coverage: evaluation.Frac(95, 1)},
		Disclosure: evaluation.DisclosureRule{Unit: 5, Public: 10},
	}
}
