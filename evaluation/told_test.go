package evaluation_test

import (
	"fmt"
	"slices"
	"testing"

	"pingyi/evaluation"
)

// told are the logins that were told a kind of message.
func (w *world) told(kind string) []string {
	w.t.Helper()
	var out []string
	w.must("read", w.db.Select(&out, `SELECT a.login FROM notices n JOIN messages m ON m.id = n.message_id JOIN accounts a ON a.id = n.account_id WHERE m.kind = $1 ORDER BY a.login`, kind))
	return out
}

// Every rater hears when cards are given out and before rating ends, whether he has
// rated or not; every unit of the ranking when it is public; offices and unit of appeals.
func TestWhoHearsOfAYear(t *testing.T) {
	w, _ := publishedYear(t)
	raters := 0
	for _, group := range w.raters {
		raters += len(group)
	}
	opened, ends := w.told("campaign-opened"), w.told("campaign-ends")
	if len(opened) != raters || !slices.Equal(opened, ends) {
		t.Errorf("%d raters: %d told of the cards, %d reminded", raters, len(opened), len(ends))
	}
	if got := w.told("result-published"); !slices.Equal(got, []string{"office-d05", "office-d06", "office-d08"}) {
		t.Errorf("told of the result: %v", got)
	}
	id := w.appeal("D05", w.subject("D05", evaluation.AppealDeduction, "D2"))
	if got := w.told("appeal-filed"); !slices.Equal(got, []string{"gov", "party"}) {
		t.Errorf("told of the appeal: %v", got)
	}
	w.must("decide", w.eval.DecideAppeal(t.Context(), w.party, id, evaluation.AppealRejected, "扣分依据充分。"))
	if got := w.told("appeal-rejected"); !slices.Equal(got, []string{"office-d05"}) {
		t.Errorf("told of the decision: %v", got)
	}
	var link string
	w.must("read", w.db.Get(&link, `SELECT link FROM messages WHERE kind = 'appeal-rejected'`))
	if want := fmt.Sprintf("/d/appeals/%d", id); link != want {
		t.Errorf("link %s, want %s", link, want)
	}
}
