package league

import (
	"errors"
	"fmt"

	"pingyi/evaluation/mixed"
)

// NoSets is the code of the warning that ranks have no sets.
const NoSets = "no-rank-sets"

// reasons say why no model can be fitted, to whoever made the file.
var reasons = map[mixed.Status]string{
	mixed.TooLittleData:  "there are too few ratings for the model",
	mixed.SingleLevel:    "all ratings are in one group of a factor, which leaves nothing to compare",
	mixed.OneRatingEach:  "every group of a factor has one rating only: leniency cannot be told from chance; raters must rate several departments",
	mixed.ConstantScores: "all scores are equal: there is nothing to rank",
	mixed.Saturated:      "raters and departments explain the scores exactly: no error is left to judge differences by",
	mixed.TooLarge:       "the factors have too many levels together",
	mixed.NotConverged:   "the search for the variances did not end; are there too few ratings?",
}

// explain puts a sentence before the detail of a refusal.
func explain(err error, r *ratings) error {
	var unfit *mixed.Unfit
	if !errors.As(err, &unfit) {
		return err
	}
	reason, known := reasons[unfit.Status]
	if !known {
		return err
	}
	return fmt.Errorf("no ranking from %d ratings of %d departments by %d raters: %s (%w)",
		len(r.data.Y), len(r.labels[1]), len(r.labels[0]), reason, err)
}

// warnings turns those of the model into sentences. What has no sentence of its own
// keeps its code.
func warnings(r *ratings, m *mixed.Model) []Warning {
	out := []Warning{}
	for _, name := range r.constant {
		out = append(out, Warning{string(mixed.RankDeficient), fmt.Sprintf("Column %q has one category only and was left out.", name)})
	}
	for _, w := range m.Warnings {
		name := ""
		if w.Factor >= 0 && w.Factor < len(r.data.Factors) {
			name = r.data.Factors[w.Factor].Name
		}
		out = append(out, Warning{string(w.Code), sentence(w, name)})
	}
	return out
}

func sentence(w mixed.Warning, factor string) string {
	switch w.Code {
	case mixed.ZeroVariance:
		return fmt.Sprintf("No differences between the levels of %q can be detected; that is not to say that they are alike.", factor)
	case mixed.Disconnected:
		return fmt.Sprintf("Raters and departments fall into %d groups without a rating between them: comparisons across groups assume that the raters of each are equally lenient.", w.Count)
	case mixed.RankDeficient:
		return fmt.Sprintf("Fixed effect %q follows from those before it and was left out.", w.Column)
	case mixed.SingleRating:
		return fmt.Sprintf("%d levels of %q have one rating only.", w.Count, factor)
	case mixed.Tiny:
		return fmt.Sprintf("%q has only %d levels: variances estimated from so few are worth little.", factor, w.Count)
	case mixed.FewRepeats:
		return fmt.Sprintf("%d ratings are not more than raters and departments together: leniency and chance are hardly told apart.", w.Count)
	}
	return fmt.Sprintf("The model reports %s (%q %q %d).", w.Code, factor, w.Column, w.Count)
}
