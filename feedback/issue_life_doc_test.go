package feedback

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const docPath = "../docs/issue-life.md"

// TestTheLifeIsDrawn: docs/issue-life.md holds the machine as the code has it. Write
// it anew with PINGYI_WRITE_DOCS=1.
func TestTheLifeIsDrawn(t *testing.T) {
	b, err := os.ReadFile(docPath)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(b), "<!-- drawn -->")
	if !found {
		t.Fatal("the page has no mark where the drawing begins")
	}
	want := head + "<!-- drawn -->\n" + drawing()
	if os.Getenv("PINGYI_WRITE_DOCS") != "" {
		if err := os.WriteFile(docPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(b) != want {
		t.Error("docs/issue-life.md does not show the machine of issue_state.go; write it anew")
	}
}

// drawing is the state diagram and the table of the machine.
func drawing() string {
	var acts []Act
	for act := range machine {
		acts = append(acts, act)
	}
	slices.Sort(acts)
	var d, table strings.Builder
	d.WriteString("\n```mermaid\nstateDiagram-v2\n    [*] --> raised: raise\n")
	table.WriteString("\n| act | from | to | who | needs | tells | starts | stops |\n|---|---|---|---|---|---|---|---|\n")
	for _, act := range acts {
		m := machine[act]
		for _, from := range m.from {
			for _, to := range m.to {
				if leads(act, from, to) {
					fmt.Fprintf(&d, "    %s --> %s: %s\n", from, to, act)
				}
			}
		}
		to := join(m.to)
		if len(m.to) == 0 {
			to = "stays"
		}
		from := join(m.from)
		if len(m.from) == len(States) {
			from = "any"
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", act, from, to, m.who, join(m.needs), join(m.tells), join(m.starts), join(m.stops))
	}
	for _, s := range ended {
		fmt.Fprintf(&d, "    %s --> [*]\n", s)
	}
	d.WriteString("```\n")
	return d.String() + table.String()
}

func join[T ~string](all []T) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}

// leads says which of an act's ends belongs to which of its beginnings: most acts
// have one end; an issue of class A returns to the queue, others go on.
func leads(act Act, from, to State) bool {
	switch act {
	case ActSign:
		return (from == Queued) == (to == Queued)
	case ActReview:
		return from == to && to != InProgress || from == Answered && to == InProgress
	}
	return true
}
