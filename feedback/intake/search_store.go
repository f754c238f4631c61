package intake

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/org"
)

// Hit is something found.
type Hit struct {
	Kind  string // issue, company, unit …
	Ref   string // its number or code, as in its address
	Title []Piece
	Text  []Piece
	Lang  string // of title and text; "" the reader's
	State string // of an issue
}

// Found is what was found of one kind, in the order pages show kinds.
type Found struct {
	Kind string
	Hits []Hit
	More bool // there are more than shown
}

// perKind is how many hits of a kind are shown.
const perKind = 20

// MaxQuery is how long a search may be, in characters.
const MaxQuery = 60

// Search returns what holds every word of q and the actor may see, by kind. Each
// kind's own store decides what that is. A query needs two characters in a row, or
// one Chinese one.
func (s *Store) Search(ctx context.Context, by org.Actor, q, lang string) ([]Found, error) {
	if err := checkQuery(q); err != nil {
		return nil, err
	}
	var out []Found
	for _, find := range []func(context.Context, org.Actor, string, string) (Found, error){s.findIssues, s.findSuggestions, s.findPromises, s.findCompanies, s.findUnits} {
		f, err := find(ctx, by, q, lang)
		if errors.Is(err, fault.ErrNotFound) {
			continue // nothing of this kind is the actor's to see
		}
		if err != nil {
			return nil, err
		}
		if len(f.Hits) == 0 {
			continue
		}
		if len(f.Hits) > perKind {
			f.Hits, f.More = f.Hits[:perKind], true
		}
		out = append(out, f)
	}
	return out, nil
}

func checkQuery(q string) error {
	if utf8.RuneCountInString(q) > MaxQuery {
		return fault.Field("q", "text.long", "Limit", MaxQuery, "Have", utf8.RuneCountInString(q))
	}
	for _, w := range strings.Fields(fold(q)) {
		if utf8.RuneCountInString(w) > 1 || strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			return nil
		}
	}
	return fault.Field("q", "search.too-short")
}

func (s *Store) findIssues(ctx context.Context, by org.Actor, q, _ string) (Found, error) {
	found, err := s.issues.FindIssues(ctx, by, q, perKind+1)
	f := Found{Kind: "issue"}
	for _, i := range found {
		f.Hits = append(f.Hits, Hit{Kind: "issue", Ref: i.Ref, Title: Snippet(i.Title, q, 80), Text: Snippet(i.Body, q, 120), Lang: i.Lang, State: string(i.State)})
	}
	return f, err
}

func (s *Store) findCompanies(ctx context.Context, by org.Actor, q, lang string) (Found, error) {
	found, _, err := s.orgs.Companies(ctx, by, org.CompanyFilter{Search: strings.TrimSpace(q), Page: 1, Size: perKind + 1})
	f := Found{Kind: "company"}
	for _, c := range found {
		f.Hits = append(f.Hits, Hit{Kind: "company", Ref: idText(int64(c.ID)), Title: Snippet(c.Names.In(lang), q, 100), Text: Snippet(c.Licence, q, 40)})
	}
	return f, err
}

func (s *Store) findUnits(ctx context.Context, _ org.Actor, q, lang string) (Found, error) {
	all, err := s.orgs.Units(ctx)
	f := Found{Kind: "unit"}
	for _, u := range all {
		if u.Active && holds(q, u.Names.ZH, u.Names.EN, u.Names.RU, u.Code) {
			f.Hits = append(f.Hits, Hit{Kind: "unit", Ref: u.Code, Title: Snippet(u.Names.In(lang), q, 100)})
		}
	}
	return f, err
}

// holds reports whether every word of q is in one of the texts.
func holds(q string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool {
		t = fold(t)
		for _, w := range strings.Fields(fold(q)) {
			if !strings.Contains(t, w) {
				return false
			}
		}
		return true
	})
}

// Twin is an issue that may be the same matter, with how alike it is.
type Twin struct {
	feedback.Issue
	Alike float64 // AlikeFrom to 1
}

// Twins returns the issues most like a title and a text, at most eight: a company's
// own, or for those who read by duty all of a category. except is the number of the
// issue itself; "" none.
func (s *Store) Twins(ctx context.Context, by org.Actor, title, body string, category int, except feedback.IssueID) ([]Twin, error) {
	found, err := s.issues.AlikeIssues(ctx, by, title, category, except)
	if err != nil {
		return nil, err
	}
	return twins(title, body, found), nil
}

// twins keeps the issues alike enough, the most alike first. A title says more than
// a text: the likeness is the title's, or the mean of both when that is more.
func twins(title, body string, found []feedback.Issue) []Twin {
	var out []Twin
	for _, i := range found {
		t := Alike(title, i.Title)
		if body != "" {
			t = max(t, (t+Alike(cut(body), cut(i.Body)))/2)
		}
		if t >= AlikeFrom {
			out = append(out, Twin{i, t})
		}
	}
	slices.SortStableFunc(out, func(a, b Twin) int {
		switch {
		case a.Alike > b.Alike:
			return -1
		case a.Alike < b.Alike:
			return 1
		}
		return int(b.ID - a.ID)
	})
	return out[:min(len(out), 8)]
}

// cut is the beginning of a text: what it is about stands there, and comparing costs
// the product of the lengths.
func cut(s string) string {
	if r := []rune(s); len(r) > 400 {
		return string(r[:400])
	}
	return s
}
