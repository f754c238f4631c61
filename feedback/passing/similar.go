package passing

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"pingyi/org"
)

// When issues are alike enough to be one structural problem.
const (
	TitlesLeast   = 0.20 // share of pairs of characters that two titles have in common (Jaccard)
	WholeLeast    = 0.30 // the same of titles with bodies, where polite phrases are common to all
	BarrierIssues = 3    // issues
	BarrierFirms  = 3    // from so many companies
)

// groupMost bounds the comparisons of pairs within a unit and category: of more
// issues the latest are compared.
const groupMost = 200

// Complaint is an issue as the search for barriers reads it.
type Complaint struct {
	Issue    int64         `db:"id"`
	Ref      string        `db:"ref"`
	Company  org.CompanyID `db:"company_id"`
	Unit     org.UnitID    `db:"lead_unit_id"`
	Category int           `db:"category"`
	Title    string        `db:"title"`
	Body     string        `db:"body"`
	Lang     string        `db:"lang"`
}

// Cluster is a group of similar issues of one category that one unit leads.
type Cluster struct {
	Unit      org.UnitID
	Category  int
	Issues    []Complaint
	Companies int
	Words     []string // pairs of characters, or words, that most of them share
}

// grams are the pairs of neighbouring characters of a text; of words in letters, the
// words. Chinese has no spaces, and pairs need no dictionary.
func grams(text string) map[string]bool {
	out := map[string]bool{}
	for _, part := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		runes := []rune(part)
		if !unicode.Is(unicode.Han, runes[0]) {
			if len(runes) > 3 {
				out[stem(runes)] = true
			}
			continue
		}
		for i := range len(runes) - 1 {
			out[string(runes[i:i+2])] = true
		}
	}
	return out
}

// stem cuts the endings of Russian and English words off.
func stem(word []rune) string {
	if len(word) > 6 {
		word = word[:6]
	}
	return string(word)
}

// likeness is the share of grams two texts have in common, 0 to 1.
func likeness(a, b map[string]bool) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	common := 0
	for g := range a {
		if b[g] {
			common++
		}
	}
	return float64(common) / float64(len(a)+len(b)-common)
}

// Barriers groups complaints that may be one structural problem: the same category
// and unit, each alike in title or text to at least one other of the group, from
// enough companies.
func Barriers(all []Complaint) []Cluster {
	type key struct {
		unit     org.UnitID
		category int
	}
	groups := map[key][]Complaint{}
	for _, c := range all {
		if c.Unit != 0 {
			k := key{c.Unit, c.Category}
			if len(groups[k]) < groupMost {
				groups[k] = append(groups[k], c)
			}
		}
	}
	var out []Cluster
	for k, list := range groups {
		for _, members := range connected(list) {
			c := Cluster{Unit: k.unit, Category: k.category, Issues: members, Companies: firms(members)}
			if len(members) >= BarrierIssues && c.Companies >= BarrierFirms {
				c.Words = shared(members)
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(b.Companies, a.Companies), cmp.Compare(len(b.Issues), len(a.Issues)), cmp.Compare(a.Issues[0].Issue, b.Issues[0].Issue))
	})
	return out
}

// connected splits a list into groups joined by likeness, in the order of the list.
func connected(list []Complaint) [][]Complaint {
	title, whole := make([]map[string]bool, len(list)), make([]map[string]bool, len(list))
	for i, c := range list {
		title[i], whole[i] = grams(c.Title), grams(c.Title+" "+c.Body)
	}
	group := make([]int, len(list))
	for i := range group {
		group[i] = i
	}
	var root func(int) int
	root = func(i int) int {
		if group[i] != i {
			group[i] = root(group[i])
		}
		return group[i]
	}
	for i := range list {
		for j := range i {
			if likeness(title[i], title[j]) >= TitlesLeast || likeness(whole[i], whole[j]) >= WholeLeast {
				a, b := root(i), root(j)
				group[max(a, b)] = min(a, b)
			}
		}
	}
	at := map[int]int{}
	var out [][]Complaint
	for i, c := range list {
		r := root(i)
		if _, ok := at[r]; !ok {
			at[r] = len(out)
			out = append(out, nil)
		}
		out[at[r]] = append(out[at[r]], c)
	}
	return out
}

func firms(list []Complaint) int {
	seen := map[org.CompanyID]bool{}
	for _, c := range list {
		seen[c.Company] = true
	}
	return len(seen)
}

// shared are the grams of titles that at least half of the group has, the commonest
// first, at most eight.
func shared(list []Complaint) []string {
	count := map[string]int{}
	for _, c := range list {
		for g := range grams(c.Title) {
			count[g]++
		}
	}
	var out []string
	for g, n := range count {
		if 2*n >= len(list) {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return out[:min(len(out), 8)]
}
