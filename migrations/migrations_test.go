package migrations

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestNumbersHaveNoGapAndNoDouble(t *testing.T) {
	all, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	byFolder := map[string][]string{}
	for name := range all {
		byFolder[path.Dir(name)] = append(byFolder[path.Dir(name)], path.Base(name))
	}
	for folder, names := range byFolder {
		slices.Sort(names)
		for i, n := range names {
			if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(n, want) {
				t.Errorf("%s/%s: want a name that begins with %s", folder, n, want)
			}
		}
	}
}
