package server

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// shared are addresses below /c and /d whose object is everybody's: the same answer for
// own and foreign.
var shared = []string{":campaign", ":year", ":code", ":act", ":step", ":kind"}

// foreignObjects: the matrix of what belongs to others. Every page of a company and of a
// unit that shows one object is asked for somebody else's, and answers "not found".
func (p *portal) foreignObjects(t *testing.T) {
	asked := 0
	for _, login := range []string{"c0002", "d02-office"} {
		u := p.as(login)
		for _, area := range p.areas() {
			for _, rt := range area.routes {
				mine := strings.HasPrefix(rt.path, "/c/") || strings.HasPrefix(rt.path, "/d/")
				if rt.method != http.MethodGet || !mine || !rt.allow(u.actor) || !strings.Contains(rt.path, ":") || slices.ContainsFunc(shared, func(s string) bool { return strings.Contains(rt.path, s) }) {
					continue
				}
				path := u.objects(rt.path)["foreign"]
				if strings.HasSuffix(path, "/0") {
					continue // the county has none of another's
				}
				a := u.get(path)
				asked++
				t.Logf("%-11s %-44s %-34s %d", login, rt.path, path, a.code)
				if a.code != http.StatusNotFound {
					t.Errorf("%s opens another's %s: %d", login, path, a.code)
				}
			}
		}
	}
	if asked < 20 {
		t.Errorf("%d pages were asked for: too few", asked)
	}
}
