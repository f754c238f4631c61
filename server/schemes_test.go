package server

import (
	"bytes"
	"encoding/json"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"pingyi/evaluation"
)

// upload sends a scheme's file.
func (u *person) upload(path string, file []byte) answer {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	u.must(w.WriteField("csrf", u.csrf()))
	part, err := w.CreateFormFile("file", "scheme.json")
	u.must(err)
	_, err = part.Write(file)
	u.must(err)
	u.must(w.Close())
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return u.send(r)
}

// schemePages: a scheme goes out as a file and comes back; a wrong one is refused with
// every reason; what is typed wrong is kept; an adopted version is not edited; nobody
// adopts what was not tried.
func (p *portal) schemePages(t *testing.T) {
	u, reader := p.as("campaign"), p.as("supervision-1")
	file, err := os.ReadFile("../evaluation/editor/testdata/rich.json")
	p.must(err)
	a := u.upload("/o/schemes/import", file)
	at := strings.SplitN(a.location, "?", 2)[0]
	if a.code != http.StatusSeeOther || !strings.HasPrefix(at, "/o/schemes/") {
		t.Fatalf("import: %d %s", a.code, a.location)
	}
	again, err := evaluation.ReadScheme([]byte(u.get(at + "/file").body))
	p.must(err)
	sent, err := evaluation.ReadScheme(file)
	p.must(err)
	if list, err := evaluation.Differences(sent, again); err != nil || len(list) > 0 {
		t.Errorf("the file came back with %v, %v", list, err)
	}
	p.wrongFiles(t, u, file)
	if a := reader.get(at); a.code != http.StatusOK || strings.Contains(a.body, at+"/edit/") {
		t.Errorf("supervision reads: %d", a.code)
	}
	adopted := "/o/schemes/" + p.one(`SELECT min(id)::text FROM schemes WHERE adopted_at IS NOT NULL`)
	if a := u.get(adopted + "/edit/items"); a.code != http.StatusSeeOther || a.location != adopted {
		t.Errorf("an adopted scheme is edited: %d %s", a.code, a.location)
	}
	if a := u.post(adopted+"/edit/items", url.Values{"do": {"save"}}); a.code != http.StatusConflict {
		t.Errorf("an adopted scheme is changed: %d", a.code)
	}
	p.editPages(t, u, at)
	if a := u.post(at+"/adopt", url.Values{"confirmed": {"1"}}); a.code != http.StatusConflict || !strings.Contains(a.body, u.words("scheme.untried")) {
		t.Errorf("adopted without a trial: %d", a.code)
	}
	if a := u.post(at+"/try", url.Values{"year": {"1999"}}); a.code != http.StatusUnprocessableEntity {
		t.Errorf("tried on a year that is not there: %d", a.code)
	}
	if a := u.post(at+"/try", url.Values{"year": {"2025"}}); a.code != http.StatusSeeOther {
		t.Fatalf("tried: %d", a.code)
	}
	if a := reader.get(at + "/try?year=2025"); a.code != http.StatusOK || !strings.Contains(a.body, u.words("schemes.trial-mark")) {
		t.Errorf("the trial: %d", a.code)
	}
	if a := u.get("/o/schemes/compare?a=" + strings.TrimPrefix(adopted, "/o/schemes/") + "&b=" + strings.TrimPrefix(at, "/o/schemes/")); a.code != http.StatusOK || !strings.Contains(a.body, u.words("schemes.row-added")) {
		t.Errorf("compared: %d", a.code)
	}
	if a := u.post(at+"/delete", url.Values{"confirmed": {"1"}}); a.code != http.StatusSeeOther || u.get(at).code != http.StatusNotFound {
		t.Errorf("deleted: %d", a.code)
	}
}

// wrongFiles: what breaks the rules, and what is no scheme.
func (p *portal) wrongFiles(t *testing.T, u *person, file []byte) {
	var doc map[string]any
	p.must(json.Unmarshal(file, &doc))
	doc["indicators"].([]any)[0].(map[string]any)["weight"] = 1
	doc["groups"].([]any)[0].(map[string]any)["weight"] = 7
	wrong, err := json.Marshal(doc)
	p.must(err)
	a := u.upload("/o/schemes/import", wrong)
	if a.code != http.StatusUnprocessableEntity || !strings.Contains(a.body, u.words("scheme.weights-100", "Sum", 61)) || !strings.Contains(a.body, u.words("scheme.weights-100", "Sum", 57)) {
		t.Errorf("a wrong file: %d", a.code)
	}
	for name, rubbish := range map[string][]byte{"empty": nil, "text": []byte("hello"), "unknown field": []byte(`{"code": "x", "colour": "red"}`)} {
		if a := u.upload("/o/schemes/import", rubbish); a.code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.code)
		}
	}
}

var typedField = regexp.MustCompile(`<input type="(?:hidden|text)"[^>]* name="([^"]+)" value="([^"]*)"`)

// editPages: rows are added without losing what was typed, mistakes come back beside
// their field, a page saved on top of another's is refused.
func (p *portal) editPages(t *testing.T, u *person, at string) {
	form := func() url.Values {
		v := url.Values{}
		for _, m := range typedField.FindAllStringSubmatch(u.get(at+"/edit/items").body, -1) {
			v.Set(m[1], html.UnescapeString(m[2]))
		}
		return v
	}
	with := func(v url.Values, pairs ...string) url.Values {
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	stale := form()
	a := u.post(at+"/edit/items", with(form(), "indicators.0.name.zh", "尚未保存的名称", "do", "add:indicators"))
	if a.code != http.StatusOK || !strings.Contains(a.body, "尚未保存的名称") || !strings.Contains(a.body, `name="indicators.3.weight"`) {
		t.Errorf("a row added: %d", a.code)
	}
	a = u.post(at+"/edit/items", with(form(), "indicators.0.weight", "四十", "indicators.1.name.en", "Kept", "do", "save"))
	if a.code != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="Kept"`) || !strings.Contains(a.body, u.words("edit.whole", "Typed", "四十")) || !strings.Contains(a.body, `value="四十"`) {
		t.Errorf("a wrong number: %d", a.code)
	}
	if a = u.post(at+"/edit/items", with(form(), "indicators.0.weight", "41", "do", "save")); a.code != http.StatusSeeOther {
		t.Errorf("half-finished: %d", a.code)
	}
	if a = u.get(at); !strings.Contains(a.body, u.words("scheme.weights-100", "Sum", 101)) {
		t.Errorf("the checklist does not name the sum")
	}
	a = u.post(at+"/edit/items", with(stale, "indicators.0.weight", "42", "do", "save"))
	if a.code != http.StatusConflict || !strings.Contains(a.body, u.words("scheme.stale")) || !strings.Contains(a.body, ">41<") || !strings.Contains(a.body, ">42<") {
		t.Errorf("a stale page: %d", a.code)
	}
	if a = u.post(at+"/edit/items", with(form(), "indicators.0.weight", "40", "do", "save")); a.code != http.StatusSeeOther {
		t.Errorf("put right: %d", a.code)
	}
}
