package evaluation

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"pingyi/org"
)

// TestSchemeFormat: the page that describes the file of a scheme names every field of
// it, and its example is one that could be adopted, to the last field.
func TestSchemeFormat(t *testing.T) {
	b, err := os.ReadFile("../docs/scheme-format.md")
	if err != nil {
		t.Fatal(err)
	}
	text, example, ok := strings.Cut(string(b), "```json\n")
	if !ok {
		t.Fatal("no example")
	}
	example, _, _ = strings.Cut(example, "```")
	var sc Scheme
	dec := json.NewDecoder(bytes.NewReader([]byte(example)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&sc); err != nil {
		t.Fatal(err)
	}
	if err := sc.Validate(); err != nil {
		t.Errorf("the example: %v", err)
	}
	seen := map[reflect.Type]bool{reflect.TypeFor[org.Names](): true, reflect.TypeFor[Exact](): true}
	var walk func(x reflect.Type)
	walk = func(x reflect.Type) {
		for x.Kind() == reflect.Slice || x.Kind() == reflect.Pointer {
			x = x.Elem()
		}
		if x.Kind() != reflect.Struct || seen[x] {
			return
		}
		seen[x] = true
		for f := range x.NumField() {
			tag, _, _ := strings.Cut(x.Field(f).Tag.Get("json"), ",")
			if tag != "-" && !strings.Contains(text, "`"+tag+"`") {
				t.Errorf("the page does not name `%s` of %s", tag, x.Name())
			}
			walk(x.Field(f).Type)
		}
	}
	walk(reflect.TypeFor[Scheme]())
	for _, kind := range append(append([]string{}, Sources...), Scales...) {
		if !strings.Contains(text, "`"+kind+"`") {
			t.Errorf("the page does not name `%s`", kind)
		}
	}
}
