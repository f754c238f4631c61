package honour

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"pingyi/evaluation"
	"pingyi/org"
)

const docPath = "../docs/honour.md"

// TestTheMachineIsDrawn: docs/honour.md holds the machines as the code has them. Write
// it anew with PINGYI_WRITE_DOCS=1.
func TestTheMachineIsDrawn(t *testing.T) {
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
		t.Error("docs/honour.md does not show the machines of machine.go; write it anew")
	}
}

func drawing() string {
	var d, table strings.Builder
	d.WriteString("\nThe round:\n\n```mermaid\nstateDiagram-v2\n    [*] --> draft: open\n")
	table.WriteString("\n| act | on | from | to | who, when |\n|---|---|---|---|---|\n| open | round | – | draft | the two offices; the ranking is published |\n")
	for _, m := range roundMoves {
		for _, from := range m.from {
			fmt.Fprintf(&d, "    %s --> %s: %s\n", from, m.to, m.act)
			fmt.Fprintf(&table, "| %s | round | %s | %s | %s |\n", m.act, from, m.to, m.who)
		}
	}
	d.WriteString("```\n\nA candidate:\n\n```mermaid\nstateDiagram-v2\n    [*] --> stands: unit, by the rule\n    [*] --> proposed: by hand, or a person\n")
	for _, m := range moves {
		for _, from := range slices.Sorted(maps.Keys(m.leads)) {
			fmt.Fprintf(&d, "    %s --> %s: %s\n", from, m.leads[from], m.act)
			fmt.Fprintf(&table, "| %s | candidate, round in %s | %s | %s | %s |\n", m.act, m.round, from, m.leads[from], m.who)
		}
	}
	d.WriteString("```\n\nAn interview:\n\n```mermaid\nstateDiagram-v2\n    [*] --> planned: plan\n")
	table.WriteString("| plan | interview | – | planned | the two offices; the unit is on the computed list of the basis |\n")
	for _, m := range interviewMoves {
		fmt.Fprintf(&d, "    %s --> %s: %s\n", m.from, m.to, m.act)
		fmt.Fprintf(&table, "| %s | interview | %s | %s | %s |\n", m.act, m.from, m.to, m.who)
	}
	d.WriteString("```\n")
	return d.String() + table.String()
}

// TestNextKnowsNothingElse: of all combinations of round, state and act only those of
// the table lead anywhere.
func TestNextKnowsNothingElse(t *testing.T) {
	n := 0
	for _, r := range []RoundState{Drafting, Noticed, Decided, Dropped} {
		for _, s := range States {
			for _, act := range []Act{Sign, Refuse, Withhold, Uphold, Commend, Revoke} {
				if to, ok := Next(r, s, act); ok {
					n++
					if to == s || !slices.Contains(States, to) {
						t.Errorf("%s: %s leads from %s to %s", r, act, s, to)
					}
				}
			}
		}
	}
	if n != 8 {
		t.Errorf("%d moves, want the 8 of the table", n)
	}
}

// TestWhoIsTheSecondPerson follows rules 5.8 and S-47 by hand.
func TestWhoIsTheSecondPerson(t *testing.T) {
	asked := org.Actor{Account: 1, Role: org.RoleReceiver, Kind: org.BodyPartyOffice}
	other := org.Actor{Account: 2, Role: org.RoleReceiver, Kind: org.BodyGovernmentOffice}
	watch := org.Actor{Account: 3, Role: org.RoleSupervision}
	chair := org.Actor{Account: 4, Role: org.RoleLeader, Post: org.PostChair}
	member := org.Actor{Account: 5, Role: org.RoleLeader, Post: org.PostMember}
	unit := org.Actor{Account: 6, Role: org.RoleHead, Unit: 9}
	add := Candidate{Unit: 9, Origin: "manual", State: Proposed, Pending: 1, RoundIs: Drafting}
	against := add
	against.Facts.Against = []evaluation.Obstacle{{Kind: evaluation.HasCase, Code: "D2", Cases: 1}}
	person := Candidate{Unit: 9, Person: "王某", Origin: "rule", State: Proposed, RoundIs: Drafting}
	hold := Candidate{Unit: 9, Origin: "rule", State: Withholding, Pending: 1, RoundIs: Drafting}
	late := add
	late.RoundIs = Noticed
	for _, tt := range []struct {
		name string
		c    Candidate
		may  []org.Actor
	}{{"added", add, []org.Actor{other, chair}}, {"added against the rule", against, []org.Actor{chair}}, {"a person", person, []org.Actor{watch}},
		{"left out", hold, []org.Actor{other, chair}}, {"after the notice began", late, nil}} {
		for _, a := range []org.Actor{asked, other, watch, chair, member, unit, org.Public} {
			want := slices.ContainsFunc(tt.may, func(m org.Actor) bool { return m.Account == a.Account })
			if tt.c.MaySecond(a) != want {
				t.Errorf("%s: account %d may: %t", tt.name, a.Account, !want)
			}
		}
	}
}

// TestS48EvidenceOfThreeCompanies: each company counts once with its own mean; fewer
// than three, or a mean under 90, are not enough; the best come first.
func TestS48EvidenceOfThreeCompanies(t *testing.T) {
	sheets := []personSheet{{"FK-1", 1, "王某、李某", "100/1"}, {"FK-2", 1, "王某", "80/1"}, {"FK-3", 2, "王某", "95/1"}, {"FK-4", 3, "李某 王某", "88/1"}, {"FK-5", 4, "王某某", "0/1"}}
	w := nominee{Person: "王某", Praise: 2}
	w.weigh(sheets) // (90 + 95 + 88) / 3 = 91
	if w.facts.Companies != 3 || w.facts.Mean != "91.00" || len(w.facts.Sheets) != 4 || len(w.against()) != 0 {
		t.Errorf("王某: %+v, against %v", w.facts, w.against())
	}
	l := nominee{Person: "李某"}
	l.weigh(sheets)
	if got := l.against(); l.facts.Companies != 2 || len(got) != 1 || got[0].Kind != FewCompanies || got[0].Cases != 2 {
		t.Errorf("李某: %+v, against %v", l.facts, got)
	}
	low := nominee{Person: "赵某"}
	low.weigh([]personSheet{{"FK-6", 1, "赵某", "90/1"}, {"FK-7", 2, "赵某", "90/1"}, {"FK-8", 3, "赵某", "8999/100"}})
	if got := low.against(); len(got) != 1 || got[0].Kind != LowMean {
		t.Errorf("89.9967 is enough: %v", got)
	}
	top := nominee{Person: "钱某"}
	top.weigh([]personSheet{{"FK-9", 1, "钱某", "100/1"}, {"FK-10", 2, "钱某", "100/1"}, {"FK-11", 3, "钱某", "100/1"}})
	if b := best([]nominee{w, l, top, low}, MostPeople); len(b) != 2 || b[0].Person != "钱某" || b[1].Person != "王某" {
		t.Errorf("best: %v", b)
	}
	if b := best([]nominee{w, top}, 1); len(b) != 1 || b[0].Person != "钱某" {
		t.Errorf("one place: %v", b)
	}
	if b := best([]nominee{w}, -1); len(b) != 0 {
		t.Errorf("no place left: %v", b)
	}
}
