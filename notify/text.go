package notify

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"pingyi/calendar"
	"pingyi/locale"
	"pingyi/org"
)

// names are what units and bodies are called.
type names struct {
	units  map[org.UnitID]org.Names
	bodies map[org.BodyKind]org.Names
}

// words are the subject and the paragraph of a message in one language.
type words struct{ Subject, Body string }

// say writes a message of the kind in the translator's language.
func say(t *locale.Translator, kind string, args map[string]string, n names) words {
	var pairs []any
	for _, k := range slices.Sorted(maps.Keys(args)) {
		pairs = append(pairs, k, n.value(t, args[k]))
	}
	subject := t.T("notify."+kind+".subject", pairs...)
	return words{Subject: strings.Join(strings.Fields(subject), " "), Body: t.T("notify."+kind+".body", pairs...)}
}

// value writes a value of a message in the translator's language; see Message.Args.
// What cannot be read is left as it is.
func (n names) value(t *locale.Translator, v string) string {
	word, rest, _ := strings.Cut(v, ":")
	switch word {
	case "date":
		if d, err := calendar.ParseDate(rest); err == nil {
			return t.Date(d.Time())
		}
	case "time":
		if at, err := time.Parse(time.RFC3339, rest); err == nil {
			return t.DateTime(at)
		}
	case "unit":
		if id, err := strconv.ParseInt(rest, 10, 64); err == nil {
			if name, ok := n.units[org.UnitID(id)]; ok {
				return name.In(t.Lang())
			}
		}
	case "body":
		if name, ok := n.bodies[org.BodyKind(rest)]; ok {
			return name.In(t.Lang())
		}
	case "text":
		if t.Has(rest) {
			return t.T(rest)
		}
	}
	return v
}

// smsLimit is how many characters a text message may have, its link included: one
// message where one character takes two bytes.
const smsLimit = 70

// clip shortens s to n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:max(0, n-1)]) + "…"
}

// mailText is an e-mail about one thing.
func mailText(t *locale.Translator, w words, greeting, link, choices string) string {
	parts := []string{greeting, w.Body}
	if link != "" {
		parts = append(parts, t.T("message.mail-open")+"\n"+link)
	}
	return strings.Join(append(parts, mailFoot(t, choices)), "\n\n") + "\n"
}

// mailFoot says where the mail is from and, to a person with an account, where to
// choose how he is told.
func mailFoot(t *locale.Translator, choices string) string {
	foot := "-- \n" + t.T("frame.name") + "\n" + t.T("message.mail-automatic")
	if choices != "" {
		foot += "\n" + t.T("message.mail-choices") + " " + choices
	}
	return foot
}

// digestEntry is one message of a daily summary.
type digestEntry struct {
	words
	Link string
}

// digestText is a daily summary.
func digestText(t *locale.Translator, all []digestEntry, greeting, choices string) string {
	parts := []string{greeting, t.T("message.digest-intro", "Count", len(all))}
	for i, e := range all {
		parts = append(parts, strconv.Itoa(i+1)+". "+e.Subject+"\n"+e.Body+"\n"+e.Link)
	}
	return strings.Join(append(parts, mailFoot(t, choices)), "\n\n") + "\n"
}

// smsText is a text message: the subject, and a short link that fits.
func smsText(subject, link string) string {
	return strings.TrimSpace(clip(subject, smsLimit-len([]rune(link))-1) + " " + link)
}
