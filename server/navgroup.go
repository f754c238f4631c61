package server

import "pingyi/templates"

// mostSections is how many sections fit in one row; a role with more has them in
// groups, the sections of the present group in a second row.
const mostSections = 7

// navGroups says which sections belong together, by the beginning of their addresses.
// A section that is in none stands by itself.
var navGroups = []struct {
	code  string
	paths []string
}{
	{"issues", []string{"/o/issues", "/o/similar", "/o/suggestions", "/o/promises", "/policies", "/o/policies", "/o/checks", "/d/checks", "/o/reviews", "/o/cases", "/o/barriers", "/o/passing", "/o/duties", "/o/shield", "/o/glass", "/o/reach", "/o/inspections", "/o/documents", "/o/orders",
		"/o/collective", "/c/collective",
		"/d/issues", "/d/documents", "/d/passing", "/d/suggestions", "/d/promises", "/d/cases", "/d/duties", "/d/barriers", "/d/inspections", "/d/orders",
		"/l/escalations", "/l/orders", "/l/passing", "/l/barriers", "/l/documents", "/l/glass", "/l/reach", "/l/delegations", "/l/sponsors",
		"/c/issues", "/c/documents", "/c/suggestions", "/c/promises", "/c/cases", "/c/alarm"}},
	{"visits", []string{"/o/sheets", "/o/visits", "/o/comments", "/o/rectifications", "/o/demands", "/o/false", "/d/false", "/d/visits", "/d/contacts", "/d/sponsors", "/d/comments", "/d/rectifications", "/c/visits"}},
	{"visits", []string{"/o/sheets", "/o/visits", "/o/comments", "/o/rectifications", "/o/sponsors", "/o/demands", "/d/visits", "/d/comments", "/d/rectifications", "/c/visits"}},
	{"meetings", []string{"/o/meetings", "/o/bulletins", "/o/decisions", "/o/invitations", "/l/meetings", "/l/bulletins", "/l/decisions", "/d/decisions", "/c/meetings", "/c/activities"}},
	{"appraisal", []string{"/o/campaigns", "/o/schemes", "/o/year", "/o/appeals", "/o/response", "/o/honours", "/o/candidates", "/o/objections", "/o/interviews", "/d/interviews", "/d/honours", "/c/honours", "/d/scores", "/d/appeals", "/l/rankings", "/l/response", "/c/appraisals"}},
	{"ledger", []string{"/o/ledger", "/o/referrals", "/o/projects", "/o/tasks", "/o/activities", "/o/followups", "/d/tasks", "/d/followups"}},
	{"ledger", []string{"/o/county", "/o/ledger", "/o/projects", "/o/tasks", "/o/activities", "/d/tasks"}},
	{"county", []string{"/o/companies", "/o/units", "/o/people", "/o/imports", "/c/contacts"}},
	{"ledger", []string{"/o/ledger", "/o/referrals", "/o/projects", "/o/tasks", "/o/activities", "/d/tasks"}},
	{"ledger", []string{"/o/ledger", "/o/referrals", "/o/projects", "/o/tasks", "/o/activities", "/o/followups", "/o/leads", "/o/agents", "/d/tasks", "/d/followups"}},
	{"visits", []string{"/o/sheets", "/o/visits", "/o/comments", "/o/rectifications", "/o/demands", "/d/visits", "/d/contacts", "/d/sponsors", "/d/comments", "/d/rectifications", "/c/visits"}},
	{"meetings", []string{"/o/meetings", "/o/bulletins", "/o/decisions", "/o/invitations", "/l/meetings", "/l/bulletins", "/l/decisions", "/d/decisions", "/c/meetings", "/c/activities"}},
	{"appraisal", []string{"/o/campaigns", "/o/schemes", "/o/year", "/o/appeals", "/o/response", "/d/scores", "/d/appeals", "/l/rankings", "/l/response", "/c/appraisals"}},
	{"ledger", []string{
		"/o/county", "/o/ledger", "/o/referrals",
		"/o/projects", "/o/contacts", "/o/sponsors",
		"/o/tasks", "/o/activities", "/o/followups", "/o/leads", "/o/agents", "/d/tasks", "/d/followups",
	}},
	{"county", []string{
		"/o/companies", "/o/units", "/o/people", "/o/imports",
		"/c/contacts", "/c/care", "/c/referrals",
	}},
}

func groupOf(path string) string {
	for _, g := range navGroups {
		for _, p := range g.paths {
			if p == path {
				return g.code
			}
		}
	}
	return ""
}

// rows arranges the items of a navigation, one a section, into the first row and the
// second row of the present group; label names a group. present is the group of a page
// that is no section itself, "" otherwise.
func rows(paths []string, items []templates.NavItem, present string, label func(group string) string) (first, second []templates.NavItem) {
	if len(items) <= mostSections {
		return items, nil
	}
	at := map[string]int{} // group → its place in the first row
	members := map[string][]templates.NavItem{}
	for i, item := range items {
		g := groupOf(paths[i])
		if g == "" {
			first = append(first, item)
			continue
		}
		members[g] = append(members[g], item)
		if item.Current {
			present = g
		}
		if _, known := at[g]; !known {
			at[g] = len(first)
			item.Current = item.Current || g == present
			first = append(first, item)
			continue
		}
		head := &first[at[g]]
		head.Label, head.Count, head.Current = label(g), head.Count+item.Count, head.Current || item.Current
	}
	if len(members[present]) > 1 {
		second = members[present]
	}
	return first, second
}
