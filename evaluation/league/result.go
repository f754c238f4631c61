package league

// Result is a league table. The names in JSON are a promise to programs that read
// it; docs/rank.md describes them. Scores and effects are in the unit of the score,
// variances in its square.
type Result struct {
	Method     string             `json:"method"` // REML or ML
	N          int                `json:"n"`      // ratings used
	Skipped    int                `json:"skipped_rows"`
	Criterion  float64            `json:"criterion"` // -2 log (restricted) likelihood
	Theta      map[string]float64 `json:"theta"`     // by column: standard deviation over the residual one
	Variance   map[string]float64 `json:"variance"`  // by column, and "residual"
	Fixed      []Coefficient      `json:"fixed"`     // the intercept first
	Baselines  map[string]string  `json:"baselines"` // by categorical column
	Coverage   float64            `json:"coverage"`  // of the rank sets together
	Draws      int                `json:"draws"`
	Seed       uint64             `json:"seed"`
	Critical   float64            `json:"critical_value,omitempty"` // of the last pass
	Minimum    Minimum            `json:"minimum"`
	Components int                `json:"components"` // groups of raters and departments without a rating between them

	Departments []Department       `json:"departments"` // sorted by label
	Factors     map[string][]Level `json:"factors"`     // by column
	Raters      []Level            `json:"raters,omitempty"`
	Warnings    []Warning          `json:"warnings"`
}

// Coefficient is a fixed effect; without estimate when it was dropped because it
// follows from those before it.
type Coefficient struct {
	Name     string   `json:"name"`
	Estimate *float64 `json:"estimate"`
	SE       *float64 `json:"se"`
	Dropped  bool     `json:"dropped,omitempty"`
}

// Minimum is what a department needs to be ranked.
type Minimum struct {
	Raters      int     `json:"raters"`
	Reliability float64 `json:"reliability"` // 0 to 1
}

// Level is a level of a factor: a rater, or a level of a further factor.
type Level struct {
	ID                  string  `json:"id"`
	N                   int     `json:"n"` // ratings
	Mean                float64 `json:"mean"`
	Effect              float64 `json:"effect"`
	ConditionalVariance float64 `json:"conditional_variance"`
	PredictionVariance  float64 `json:"prediction_variance"`
}

// Status tells whether a department is ranked.
type Status string

// A department with too few raters or too little reliability is not ranked: it
// would stand in the middle for want of knowledge.
const (
	Ranked    Status = "ranked"
	NotRanked Status = "not-ranked"
)

// Department is a line of the league table. Rank, set and tier count among the
// ranked departments and are missing in the others.
type Department struct {
	Level
	Raters      int     `json:"raters"` // different raters
	Score       float64 `json:"score"`  // intercept + effect: the adjusted score
	Reliability float64 `json:"reliability"`
	Component   int     `json:"component"` // from 1
	Rank        *int    `json:"rank"`
	RankLow     *int    `json:"rank_low"`
	RankHigh    *int    `json:"rank_high"`
	Tier        *int    `json:"tier"`
	Status      Status  `json:"status"`
}

// Warning is a weakness of the data or the fit, with a stable code and a sentence.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}
