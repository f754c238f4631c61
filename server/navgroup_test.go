package server

import (
	"testing"

	"pingyi/templates"
)

// TestNavigationRows: a role with many sections gets groups; counts add up, the present
// group opens its second row, and a group of one keeps the section's own name.
func TestNavigationRows(t *testing.T) {
	paths := []string{"/o", "/o/issues", "/o/suggestions", "/o/sheets", "/o/campaigns", "/o/schemes", "/o/companies", "/o/imports"}
	items := make([]templates.NavItem, len(paths))
	for i, p := range paths {
		items[i] = templates.NavItem{Href: p, Label: p, Count: i}
	}
	items[2].Current = true
	first, second := rows(paths, items, "", func(g string) string { return "group " + g })
	if len(first) != 5 || first[1].Label != "group issues" || first[1].Count != 3 || !first[1].Current || first[1].Href != "/o/issues" || first[2].Label != "/o/sheets" || first[4].Label != "group county" {
		t.Errorf("first row: %+v", first)
	}
	if len(second) != 2 || second[0].Href != "/o/issues" || !second[1].Current {
		t.Errorf("second row: %+v", second)
	}
	items[2].Current = false
	if first, second := rows(paths, items, "county", func(g string) string { return g }); !first[4].Current || len(second) != 2 || second[0].Href != "/o/companies" {
		t.Errorf("a page that is no section: %+v %+v", first, second)
	}
	if first, second := rows(paths[:3], items[:3], "", nil); len(first) != 3 || second != nil {
		t.Errorf("few sections are put into groups: %+v %+v", first, second)
	}
}
