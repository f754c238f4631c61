package mixed

// Below these numbers of levels (statistics of variance components are worthless).
const (
	fewRaters = 10
	fewRatees = 5
)

// dataWarnings reports weaknesses that show before fitting, and the connected
// component of each level of factor 1.
func dataWarnings(d *Data) ([]Warning, []int) {
	var warnings []Warning
	pair := 0 // levels with ratings of the first two factors
	for k, f := range d.Factors {
		empty, single := 0, 0
		for _, c := range levelSizes(f) {
			switch c {
			case 0:
				empty++
			case 1:
				single++
			}
		}
		if empty > 0 {
			warnings = append(warnings, Warning{Code: EmptyLevels, Factor: k, Count: empty})
		}
		if single > 0 {
			warnings = append(warnings, Warning{Code: SingleRating, Factor: k, Count: single})
		}
		used := f.Levels - empty
		if k == 0 && used < fewRaters || k == 1 && used < fewRatees {
			warnings = append(warnings, Warning{Code: Tiny, Factor: k, Count: used})
		}
		if k < 2 {
			pair += used
		}
	}
	if len(d.Factors) < 2 {
		return warnings, nil
	}
	if len(d.Y) <= pair {
		warnings = append(warnings, Warning{Code: FewRepeats, Factor: -1, Count: len(d.Y)})
	}
	components, count := connectedComponents(d.Factors[0], d.Factors[1])
	if count > 1 {
		warnings = append(warnings, Warning{Code: Disconnected, Factor: -1, Count: count})
	}
	return warnings, components
}

// connectedComponents joins raters and ratees that share a rating (union-find) and
// returns the component of each ratee, numbered by its first ratee, -1 for one
// without ratings, and the number of components.
func connectedComponents(raters, ratees Factor) ([]int, int) {
	parent := make([]int32, raters.Levels+ratees.Levels)
	for v := range parent {
		parent[v] = int32(v)
	}
	root := func(v int32) int32 {
		for parent[v] != v {
			parent[v] = parent[parent[v]]
			v = parent[v]
		}
		return v
	}
	rated := make([]bool, ratees.Levels)
	for r, j := range ratees.Of {
		rated[j] = true
		a, b := root(raters.Of[r]), root(int32(raters.Levels)+j)
		parent[max(a, b)] = min(a, b)
	}
	component := make([]int, ratees.Levels)
	number := make(map[int32]int)
	for j := range component {
		component[j] = -1
		if !rated[j] {
			continue
		}
		r := root(int32(raters.Levels + j))
		if _, known := number[r]; !known {
			number[r] = len(number)
		}
		component[j] = number[r]
	}
	return component, len(number)
}
