package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pingyi/evaluation"
)

// example is the file of docs/snapshot-format.md, written by hand.
const example = "docs/examples/snapshot-small.json"

// recompute runs the command and returns what it says and its exit code.
func recompute(t *testing.T, args ...string) (string, int) {
	t.Helper()
	cmd := root(map[string]string{})
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(append([]string{"recompute"}, args...))
	err := cmd.Execute()
	var c checked
	switch {
	case err == nil:
		return out.String(), 0
	case errors.As(err, &c):
		return err.Error(), c.code
	}
	return err.Error(), 2
}

func sealedExample(t *testing.T) []byte {
	t.Helper()
	doc, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := evaluation.ReadSnapshot(doc)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := snap.Write()
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func keep(t *testing.T, doc []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "snapshot.json")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The ranking that docs/snapshot-format.md works out by hand.
func TestRecomputeTheExampleOfTheDocument(t *testing.T) {
	out, code := recompute(t, example)
	if code != 0 || !strings.Contains(out, "not sealed") {
		t.Errorf("exit %d: %s", code, out)
	}
	for _, line := range []string{
		"   1  U1    Bureau One    86.2000  Good      1  Advanced",
		"   2  U2    Bureau Two    72.5000  Fair      2",
		"   3  U3    Bureau Three  62.1333  Poor      3  Called in",
		"   –  U4    Bureau Four   94.7500  Poor         Vetoed",
		"   –  U5    Bureau Five                         Insufficient sample",
	} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("the table lacks %q:\n%s", line, out)
		}
	}
	if out, _ := recompute(t, example, "--lang", "zh-CN"); !strings.Contains(out, "   1  U1    甲局  86.2000  良好   1  先进单位\n") {
		t.Errorf("in Chinese the columns do not stand below each other:\n%s", out)
	}
	doc, err := os.ReadFile("docs/snapshot-format.md")
	if err != nil {
		t.Fatal(err)
	}
	canonical, code := recompute(t, example, "--json")
	if code != 0 || !strings.Contains(strings.ReplaceAll(string(doc), "\n", ""), canonical) {
		t.Errorf("the document does not show the canonical ranking: %s", canonical)
	}
}

func TestRecomputeSaysWhatItFound(t *testing.T) {
	sealed := sealedExample(t)
	snap, err := evaluation.ReadSnapshot(sealed)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := snap.Hash()
	if err != nil {
		t.Fatal(err)
	}
	hash := evaluation.HashText(sum[:])
	change := func(from, to string) []byte {
		if !bytes.Contains(sealed, []byte(from)) {
			t.Fatalf("the sealed example lacks %s", from)
		}
		return bytes.Replace(sealed, []byte(from), []byte(to), 1)
	}
	for name, tt := range map[string]struct {
		doc  []byte
		args []string
		code int
		says string
	}{
		"as it was sealed":      {sealed, nil, 0, "follows from the facts"},
		"the hash expected":     {sealed, []string{"--expect", hash}, 0, hash[:8]},
		"another hash":          {sealed, []string{"--expect", strings.Repeat("ab", 32)}, 1, "not the one expected"},
		"no hash":               {sealed, []string{"--expect", "abc"}, 2, "64 hexadecimal digits"},
		"another language":      {sealed, []string{"--lang", "de"}, 2, "de"},
		"the header changed":    {change(`"calendar":"2026/1"`, `"calendar":"2026/2"`), nil, 1, "header"},
		"the scheme changed":    {change(`"shown":2`, `"shown":3`), nil, 1, "scheme"},
		"a fact changed":        {change(`"mean":"75"`, `"mean":"76"`), nil, 1, "unit U2"},
		"the ranking changed":   {change(`"ranking":"`+hashOfRanking(t, snap), `"ranking":"`+strings.Repeat("0", 64)), nil, 1, "ranking"},
		"a unit taken out":      {withoutUnit(t, sealed), nil, 1, "units"},
		"a line end at the end": {append(bytes.Clone(sealed), '\n'), nil, 1, "form"},
		"broken in a unit":      {change(`"mean":"75"`, `"mean":75"`), nil, 1, "unit 2"},
		"nothing":               {nil, nil, 2, "no snapshot"},
		"something else":        {[]byte(`{"format":"other/1"}`), nil, 2, "no snapshot"},
	} {
		out, code := recompute(t, append(tt.args, keep(t, tt.doc))...)
		if code != tt.code || !strings.Contains(out, tt.says) {
			t.Errorf("%s: exit %d, want %d, saying %q: %s", name, code, tt.code, tt.says, out)
		}
	}
	if out, code := recompute(t, filepath.Join(t.TempDir(), "none")); code != 2 {
		t.Errorf("no file: exit %d: %s", code, out)
	}
}

func hashOfRanking(t *testing.T, s *evaluation.Snapshot) string {
	t.Helper()
	_, sum, err := s.Ranking().Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(evaluation.HashText(sum[:]), " ", "")
}

func withoutUnit(t *testing.T, sealed []byte) []byte {
	t.Helper()
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(sealed, &doc); err != nil {
		t.Fatal(err)
	}
	var units []json.RawMessage
	if err := json.Unmarshal(doc["units"], &units); err != nil {
		t.Fatal(err)
	}
	rest, err := json.Marshal(units[1:])
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Replace(sealed, doc["units"], rest, 1)
}
