package feedback

import (
	"testing"

	"pingyi/locale"
)

// Every message an act can lead to has its texts, and a link of the side it goes to.
func TestMessagesOfActsHaveTheirTexts(t *testing.T) {
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for act := range machine {
		for _, state := range States {
			for _, lead := range []told{{Ref: "NJ-2026-0001", Company: 1, State: state}, {Ref: "NJ-2026-0001", Company: 1, Lead: 2, State: state, Cooperating: nil}} {
				if lead.Lead == 0 && act != ActWithdraw && act != ActRaise {
					continue
				}
				for _, m := range lead.messages(act) {
					kinds[m.Kind] = true
					for _, to := range m.To {
						if (to.Company != 0) != (m.Link == "/c/issues/NJ-2026-0001") || (to.Unit != 0) != (m.Link == "/d/issues/NJ-2026-0001") {
							t.Errorf("%s: %s leads %+v to %s", act, m.Kind, to, m.Link)
						}
					}
				}
			}
		}
	}
	for act, t := range machine {
		if len(t.tells) > 0 && !toldApart[act] && act != ActRemind {
			kinds["issue-"+dashed(act)] = true
		}
	}
	for _, s := range ladder {
		if len(s.tells) > 0 {
			kinds["issue-remind-"+s.name] = true
		}
	}
	for kind := range kinds {
		if zh := cat.In(locale.Chinese); !zh.Has("notify."+kind+".subject") || !zh.Has("notify."+kind+".body") {
			t.Errorf("%s has no texts", kind)
		}
	}
	if len(kinds) < 12 {
		t.Errorf("only %d kinds of messages", len(kinds))
	}
}
