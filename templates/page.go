package templates

import (
	"pingyi/locale"
)

// Page is what every page of the portal carries; a page's own struct embeds it.
// It brings the reader's language: in a template, {{.T "key"}}, {{.Date .At}}.
type Page struct {
	*locale.Translator

	Title     string // heading and first part of the window title, already translated
	TitleLang string // language of the heading when it is somebody's own words
	Caption   string // small line above the heading: period, moment of the data
	Path      string // this page's address without lang and large, for the switches
	Query     string // its query, without lang and large
	Home      string // where the mark leads: the home of the reader's role
	SignedIn  bool
	Unread    int    // messages the reader has not read
	Who       string // organisation and name of the reader
	Nav       []NavItem
	Sub       []NavItem // second row inside a section, for offices and administrators
	Back      Link      // "‹ back", where there is one
	Large     bool      // larger text
	Print     bool      // ?print=1: details open, no paging, no navigation
	Narrow    bool      // forms and long text
	Demo      bool      // the county is the demo county
	County    string
	Phone     string
	Now       string // moment of the page, Beijing time
	Version   string
	CSRF      string
	Idem      string            // one-time key of the page's form
	Problems  map[string]string // what is wrong, by field, already translated
	Order     []string          // fields with problems, in the order of the form
	Alert     string            // a problem of the whole form
	Done      string            // what has just been done
	Refresh   int               // seconds after which the page asks again; 0 never
	Fixed     bool              // an answer to a post: switches would lose what was typed
	Ballot    bool              // a page of the ballot host: no session, no navigation
}

// NavItem is one link of a navigation row.
type NavItem struct {
	Href    string
	Label   string
	Count   int  // how many things wait; 0 shows nothing
	Quiet   bool // for information only
	Current bool
}

// Link is a link with its words.
type Link struct{ Href, Label string }

// Frame returns the page itself, so that a handler reaches it inside any page struct.
func (p *Page) Frame() *Page { return p }

// Problem returns what is wrong with a field, "" when nothing is.
func (p *Page) Problem(field string) string { return p.Problems[field] }

// Failing reports whether the form came back with problems.
func (p *Page) Failing() bool { return len(p.Problems) > 0 || p.Alert != "" }

// Languages returns the language switch: each language in its own words.
func (p *Page) Languages() []Language {
	all := []Language{{Code: locale.Chinese, Name: "中文"}, {Code: locale.English, Name: "English"}, {Code: locale.Russian, Name: "Русский"}}
	for i := range all {
		all[i].Current = all[i].Code == p.Lang()
		all[i].Href = p.with("lang", all[i].Code)
	}
	return all
}

// Language is one entry of the language switch.
type Language struct {
	Code, Name, Href string
	Current          bool
}

// LargeHref is the address that switches larger text on or off.
func (p *Page) LargeHref() string {
	if p.Large {
		return p.with("large", "0")
	}
	return p.with("large", "1")
}

// PrintHref is the address of the page's print form.
func (p *Page) PrintHref() string { return p.with("print", "1") }

func (p *Page) with(name, value string) string {
	if p.Query != "" {
		return p.Path + "?" + p.Query + "&" + name + "=" + value
	}
	return p.Path + "?" + name + "=" + value
}

// Say translates a key with its arguments in a list, as the domain hands them over.
func (p *Page) Say(key string, args []any) string { return p.T(key, args...) }
