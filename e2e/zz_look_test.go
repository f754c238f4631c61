package e2e

import "testing"

func TestZZLook(t *testing.T) {
	for _, x := range []struct {
		login, lang string
		s           screen
		paths       []string
	}{
		{"party-office-1", "zh-CN", desktop, []string{"/o/projects", "/o/projects/1", "/o/projects/new", "/o/meetings", "/o/meetings/1", "/o/meetings/1/packs", "/o/meetings/1/packs/1", "/o/meetings/4", "/o/meetings/new", "/o/decisions", "/o/invitations", "/o/bulletins", "/o/bulletins/1", "/o/bulletins/new", "/o/meetings/3/items/3"}},
		{"party-office-1", "ru", phone, []string{"/o/projects", "/o/meetings", "/o/meetings/1", "/o/meetings/1/packs", "/o/meetings/1/packs/1", "/o/meetings/4", "/o/bulletins/1", "/o/projects/new"}},
		{"c0001", "en", phone, []string{"/c/meetings", "/bulletins", "/bulletins/2"}},
		{"c0002", "ru", desktop, []string{"/c/meetings"}},
		{"leader-chair", "en", desktop, []string{"/l/meetings", "/l/decisions", "/l/decisions/2", "/l/bulletins/3"}},
		{"d01", "zh-CN", phone, []string{"/d/decisions", "/d/decisions/2"}},
	} {
		u := signedIn(t, x.login, x.lang, x.s)
		for i, p := range x.paths {
			u.open(p)
			u.shot("look-" + x.login + "-" + x.lang + "-" + string(rune('a'+i)))
		}
	}
}
