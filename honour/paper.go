package honour

import (
	"strconv"
	"strings"

	"pingyi/calendar"
	"pingyi/document"
	"pingyi/locale"
	"pingyi/org"
)

// decision writes the leading group's decision to commend, in Chinese.
func (s *Store) decision(r Round, by org.Actor, all []Candidate) document.Document {
	t := s.chinese
	units, people := map[int][]string{}, []string{}
	for _, c := range all {
		if c.Person == "" {
			units[c.Facts.Class] = append(units[c.Facts.Class], c.UnitName.ZH)
		} else {
			people = append(people, t.T("honour.doc-person", "Name", c.Person, "Unit", c.UnitName.ZH))
		}
	}
	d := document.Document{Kind: document.Commendation, Lang: locale.Chinese, Source: "honour:" + strconv.FormatInt(int64(r.ID), 10),
		Title: t.T("honour.doc-title", "Year", r.Year), Addressee: t.T("honour.doc-to"), Organ: t.T("letter.group"), Copies: []string{t.T("letter.party-office"), t.T("letter.government-office")}}
	d.Paragraphs = []string{t.T("honour.doc-1", "Year", r.Year, "Version", r.Version)}
	for _, class := range org.Classes {
		if len(units[class]) > 0 {
			d.Paragraphs = append(d.Paragraphs, t.T("honour.doc-units", "Class", t.T("class."+strconv.Itoa(class)), "Names", strings.Join(units[class], "、")))
		}
	}
	if len(people) > 0 {
		d.Paragraphs = append(d.Paragraphs, t.T("honour.doc-people", "Names", strings.Join(people, "、")))
	}
	d.Paragraphs = append(d.Paragraphs, t.T("honour.doc-2", "Signer", signer(t, by)))
	return d
}

// revocation writes the decision to take a commendation back.
func (s *Store) revocation(r Round, by org.Actor, c Candidate, why string) document.Document {
	t := s.chinese
	who := c.UnitName.ZH
	if c.Person != "" {
		who = t.T("honour.doc-person", "Name", c.Person, "Unit", c.UnitName.ZH)
	}
	return document.Document{Kind: document.Revocation, Lang: locale.Chinese, Source: "revocation:" + strconv.FormatInt(int64(c.ID), 10),
		Title: t.T("honour.doc-revoke-title", "Who", who), Addressee: t.T("honour.doc-to"), Organ: t.T("letter.group"), Copies: []string{t.T("letter.party-office"), t.T("letter.government-office")},
		Paragraphs: []string{t.T("honour.doc-revoke-1", "Year", r.Year, "Who", who, "No", r.DocumentNo), why, t.T("honour.doc-revoke-2", "Signer", signer(t, by))}}
}

func signer(t *locale.Translator, by org.Actor) string {
	if by.Behalf != 0 {
		return by.Name + t.T("leader.on-behalf", "Name", by.ForWhom)
	}
	return by.Name
}

// summons is the notice of an interview to the unit.
func (s *Store) summons(year int, unit string, on calendar.Date, p Plan, key string) document.Document {
	t := s.chinese
	return document.Document{Kind: document.Interview, Lang: locale.Chinese, Source: "interview:" + key, Unit: p.Unit,
		Title: t.T("interview.doc-title"), Addressee: t.T("letter.to", "Name", unit), Organ: t.T("letter.organ"), Copies: []string{t.T("letter.group")},
		Paragraphs: []string{t.T("interview.doc-"+p.Basis, "Year", year), t.T("interview.doc-when", "Date", t.DateLong(on.Time()), "Place", p.Place, "Holder", p.Holder), t.T("interview.doc-end")}}
}
