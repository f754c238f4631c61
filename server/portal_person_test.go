package server

import (
	"context"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"pingyi/org"
)

// person is a reader with his own cookies.
type person struct {
	*portal
	login string
	actor org.Actor
	token string
	// read once for each person: what stands in the parameters of addresses, and the
	// form token of a session
	params map[string]map[string]string
	csrfOf map[string]string
}

// as is a person with a session; "" is the public.
func (p *portal) as(login string) *person {
	p.t.Helper()
	u := &person{portal: p, login: login}
	if login == "" {
		return u
	}
	a, err := p.Org.ActorOf(context.Background(), login)
	p.must(err)
	u.actor = a
	u.token, err = p.Org.NewSession(context.Background(), a.Account, "test")
	p.must(err)
	return u
}

type answer struct {
	code     int
	body     string
	location string
}

func (u *person) send(r *http.Request) answer {
	r.Header.Set("Accept-Language", "zh-CN")
	if u.token != "" {
		r.AddCookie(&http.Cookie{Name: u.sessions().cookieName(), Value: u.token})
	}
	w := httptest.NewRecorder()
	u.ServeHTTP(w, r)
	if w.Code == http.StatusInternalServerError {
		u.fails.Add(1)
	}
	return answer{w.Code, w.Body.String(), w.Header().Get("Location")}
}

func (u *person) get(path string) answer {
	return u.send(httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
}

// csrf is the form token of the person's session.
func (u *person) csrf() string {
	if u.token == "" {
		return ""
	}
	if known := u.csrfOf[u.token]; known != "" {
		return known
	}
	m := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(u.get("/account").body)
	if m == nil {
		u.t.Fatalf("%s: no form token on the account page", u.login)
	}
	u.csrfOf = map[string]string{u.token: html.UnescapeString(m[1])}
	return u.csrfOf[u.token]
}

func (u *person) post(path string, form url.Values) answer {
	if form == nil {
		form = url.Values{}
	}
	if !form.Has("csrf") {
		form.Set("csrf", u.csrf())
	}
	return u.raw("http://localhost"+path, form)
}

func (u *person) raw(address string, form url.Values) answer {
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return u.send(r)
}

// roles are all roles of the portal, by a login that has it.
var roles = []string{"", "c0001", "c0002", "chamber-1", "invited-1", "d01", "d02-office", "leader-chair", "leader-1", "party-office-1", "gov-office-1", "supervision-1", "clerk", "campaign", "operator"}

// one reads a single text value from the tables.
func (p *portal) one(q string, args ...any) string {
	p.t.Helper()
	var s string
	if err := p.owner.Get(&s, q, args...); err != nil {
		p.t.Fatalf("%s: %v", q, err)
	}
	return s
}

// objects fills the parameters of an address: own, foreign and absent ones for
// the person. An address without parameters is one alone.
func (u *person) objects(path string) map[string]string {
	if !strings.Contains(path, ":") {
		return map[string]string{"own": path}
	}
	if u.params == nil {
		u.params = u.readObjects()
	}
	out := map[string]string{}
	for _, which := range []string{"own", "foreign", "absent"} {
		chosen := map[string]string{}
		for name, values := range u.params {
			chosen[name] = values[which]
		}
		out[which] = filled(path, chosen)
	}
	return out
}

// filled is an address with its parameters in place.
func filled(path string, values map[string]string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if v, ok := values[part]; ok {
			parts[i] = v
		}
	}
	return strings.Join(parts, "/")
}

// readObjects reads, for each parameter, an object of the person's own, one of others,
// and one that is not there.
func (u *person) readObjects() map[string]map[string]string {
	pick := func(own, any, absent string) map[string]string {
		return map[string]string{"own": own, "foreign": any, "absent": absent}
	}
	val := func(q string, args ...any) string {
		var s string
		if err := u.owner.Get(&s, q, args...); err != nil {
			return "0"
		}
		return s
	}
	company, unit := u.actor.Company, u.actor.Unit
	params := map[string]map[string]string{
		":issue":    pick(val(`SELECT ref FROM issues WHERE company_id = $1 OR lead_unit_id = $2 LIMIT 1`, company, unit), val(`SELECT ref FROM issues WHERE company_id <> $1 AND lead_unit_id IS DISTINCT FROM $2 ORDER BY id LIMIT 1`, company, unit), "NJ-1999-0001"),
		":ref":      pick(val(`SELECT ref FROM issues WHERE company_id = $1 OR lead_unit_id = $2 LIMIT 1`, company, unit), val(`SELECT ref FROM issues WHERE company_id <> $1 AND lead_unit_id IS DISTINCT FROM $2 ORDER BY id LIMIT 1`, company, unit), "NJ-1999-0001"),
		":visit":    pick(val(`SELECT id FROM visits WHERE company_id = $1 LIMIT 1`, company), val(`SELECT id FROM visits WHERE company_id <> $1 LIMIT 1`, company), "987654"),
		":document": pick(val(`SELECT id FROM documents WHERE unit_id = $1 OR company_id = $2 LIMIT 1`, unit, company), val(`SELECT id FROM documents WHERE unit_id IS DISTINCT FROM $1 AND company_id IS DISTINCT FROM $2 LIMIT 1`, unit, company), "987654"),
		":contract": pick("1", "2", "987654"),
		":campaign": pick(val(`SELECT id FROM campaigns WHERE state = 'open'`), val(`SELECT min(id) FROM campaigns`), "987654"),
		":company":  pick(fmt.Sprint(int64(max(company, 1))), val(`SELECT id FROM companies WHERE id <> $1 LIMIT 1`, company), "987654"),
		":unit":     pick(val(`SELECT id FROM units WHERE id = $1`, max(unit, 1)), val(`SELECT id FROM units WHERE id <> $1 LIMIT 1`, unit), "987654"),
		":no":       pick(val(`SELECT no FROM sheets LIMIT 1`), val(`SELECT max(no) FROM sheets`), "FB-1999-9999"),
		":appeal":   pick(val(`SELECT id FROM appeals WHERE unit_id = $1 LIMIT 1`, unit), val(`SELECT id FROM appeals WHERE unit_id <> $1 LIMIT 1`, unit), "987654"),
		":case":     pick("1", "2", "987654"),
		":year":     pick("2026", "2025", "1999"),
		":token":    pick("x", "y", "z"),
		":code":     pick("D01", "T01", "Z99"),
		":id":       pick("1", "2", "987654"),
		":file":     pick("1", "2", "987654"),
		":act":      pick("nothing", "nothing", "nothing"),
		":step":     pick("nothing", "nothing", "nothing"),
		":kept":     pick("1", "2", "987654"),
		":kind":     pick("units", "companies", "nothing"),
		":import":   pick("1", "2", "987654"),
		":account":  pick("1", "2", "987654"),
		":scheme":   pick(val(`SELECT min(id) FROM schemes WHERE adopted_at IS NOT NULL`), val(`SELECT min(id) FROM schemes WHERE adopted_at IS NULL`), "987654"),
		":tree":     pick("all", "all", "nothing"),
		":part":     pick("items", "A", "nothing"),
		":decision": pick("again", "give-up", "nothing"),
		":delivery": pick("1", "2", "987654"),
		":notice":   pick(val(`SELECT id FROM notices WHERE account_id = $1 LIMIT 1`, u.actor.Account), val(`SELECT id FROM notices WHERE account_id <> $1 LIMIT 1`, u.actor.Account), "987654"),
	}
	for _, more := range []func(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string{
		u.passingObjects,
		u.intakeObjects,
		u.sheetObjects,
		u.meetingObjects,
		u.promotionObjects,
		u.honourObjects,
	} {
		maps.Copy(params, more(val, pick))
	}
	return params
}
