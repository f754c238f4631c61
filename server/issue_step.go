package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pingyi/calendar"
	"pingyi/feedback"
	"pingyi/locale"
	"pingyi/org"
)

// place puts each file with the step it came with; those of the issue itself, and of
// steps the reader does not see, stand with its text.
func (p *issuePage) place(files []feedback.File) {
	for _, f := range files {
		n := slices.IndexFunc(p.Events, func(e eventRow) bool { return e.ID == f.Event && e.Kind != feedback.ActRaise })
		if n < 0 {
			p.Files = append(p.Files, f)
			continue
		}
		p.Events[n].Files = append(p.Events[n].Files, f)
	}
}

// directed says to which unit a step gave the issue, who is to help, and until when.
func (e *eventRow) directed(t *locale.Translator, units map[org.UnitID]org.Unit) error {
	var d feedback.Details
	if len(e.Event.Data) > 0 {
		if err := json.Unmarshal(e.Event.Data, &d); err != nil {
			return fmt.Errorf("read step %d: %w", e.ID, err)
		}
	}
	switch e.Kind {
	case feedback.ActPropose:
		e.To = units[d.To].Names.In(t.Lang())
	case feedback.ActRegister, feedback.ActArbitrate, feedback.ActOrder:
		e.To = e.Unit.In(t.Lang())
	}
	var with []string
	for _, u := range d.Cooperating {
		with = append(with, units[u].Names.In(t.Lang()))
	}
	e.With = strings.Join(with, t.T("frame.comma"))
	if on, err := calendar.ParseDate(string(d.Deadline)); err == nil && (e.Kind == feedback.ActOrder || e.Kind == feedback.ActSendBack) {
		e.Until = t.Date(on.Time())
	}
	return nil
}
