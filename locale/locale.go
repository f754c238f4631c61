// Package locale holds the message catalogues zh-CN, en and ru, and writes
// numbers, dates and times the way each language does. Chinese is the source;
// the other two are complete.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed messages/*.json
var files embed.FS

// The languages of the portal.
const (
	Chinese = "zh-CN"
	English = "en"
	Russian = "ru"
)

// Languages lists them in the order of the switch on each page.
var Languages = []string{Chinese, English, Russian}

// Catalogue is every message in every language, read once at start.
type Catalogue struct {
	translators map[string]*Translator
}

// Translator writes in one language. Its methods are safe for many goroutines.
type Translator struct {
	lang      string
	plain     map[string]string // messages without arguments, the common case
	localizer *i18n.Localizer
	known     map[string]bool
	missing   *sync.Map // keys asked for that no catalogue has
}

// Load reads the embedded catalogues. It fails on a file that is not a
// catalogue and on a key that stands in two files of one language.
func Load() (*Catalogue, error) {
	bundle := i18n.NewBundle(language.MustParse(Chinese))
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	c := &Catalogue{translators: map[string]*Translator{}}
	missing := new(sync.Map)
	for _, lang := range Languages {
		c.translators[lang] = &Translator{lang: lang, plain: map[string]string{}, known: map[string]bool{}, missing: missing}
	}
	names, err := files.ReadDir("messages")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	for _, entry := range names {
		if err := c.read(bundle, entry.Name()); err != nil {
			return nil, err
		}
	}
	for _, lang := range Languages {
		c.translators[lang].localizer = i18n.NewLocalizer(bundle, lang)
	}
	return c, nil
}

// read adds one file, named area.language.json.
func (c *Catalogue) read(bundle *i18n.Bundle, name string) error {
	parts := strings.Split(name, ".")
	if len(parts) != 3 || c.translators[parts[1]] == nil {
		return fmt.Errorf("catalogue %s: want area.language.json", name)
	}
	t := c.translators[parts[1]]
	data, err := files.ReadFile(path.Join("messages", name))
	if err != nil {
		return fmt.Errorf("read catalogue %s: %w", name, err)
	}
	var texts map[string]any
	if err := json.Unmarshal(data, &texts); err != nil {
		return fmt.Errorf("catalogue %s: %w", name, err)
	}
	for key, v := range texts {
		if t.known[key] {
			return fmt.Errorf("catalogue %s: key %s stands in two files", name, key)
		}
		t.known[key] = true
		if s, ok := v.(string); ok && !strings.Contains(s, "{{") {
			t.plain[key] = s
		}
	}
	if _, err := bundle.ParseMessageFileBytes(data, name); err != nil {
		return fmt.Errorf("catalogue %s: %w", name, err)
	}
	return nil
}

// In returns the translator of the language, the Chinese one for any other.
func (c *Catalogue) In(lang string) *Translator {
	if t := c.translators[lang]; t != nil {
		return t
	}
	return c.translators[Chinese]
}

// Keys returns the keys of a language, sorted.
func (c *Catalogue) Keys(lang string) []string {
	var keys []string
	for k := range c.In(lang).known {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Missing returns the keys asked for that no catalogue has; tests demand that there
// are none.
func (c *Catalogue) Missing() []string {
	var keys []string
	c.In(Chinese).missing.Range(func(key, _ any) bool {
		keys = append(keys, fmt.Sprint(key))
		return true
	})
	slices.Sort(keys)
	return keys
}

// Match returns the portal's language that fits an Accept-Language header best;
// Chinese when none does.
func Match(header string) string {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return Chinese
	}
	for _, tag := range tags {
		base, _ := tag.Base()
		switch base.String() {
		case "zh":
			return Chinese
		case "en":
			return English
		case "ru":
			return Russian
		}
	}
	return Chinese
}

// Known reports whether lang is a language of the portal.
func Known(lang string) bool { return slices.Contains(Languages, lang) }

// Lang returns the translator's language, as the lang attribute wants it.
func (t *Translator) Lang() string { return t.lang }

// Has reports whether the key exists.
func (t *Translator) Has(key string) bool { return t.known[key] }

// T returns the message of the key. args are alternating names and values for
// its placeholders; an argument named Count also chooses the plural form. A key
// without a message yields the key in brackets, which tests look for.
func (t *Translator) T(key string, args ...any) string {
	if s, ok := t.plain[key]; ok {
		return s
	}
	if !t.known[key] {
		t.missing.Store(key, true)
		return "[" + key + "]"
	}
	data := make(map[string]any, len(args)/2)
	var count any
	for i := 0; i+1 < len(args); i += 2 {
		name := fmt.Sprint(args[i])
		value := args[i+1]
		if p, ok := value.(*int); ok && p != nil {
			value = *p
		}
		data[name] = value
		if name == "Count" {
			count = value
		}
	}
	s, err := t.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil && s == "" {
		t.missing.Store(key, true)
		return "[" + key + "]"
	}
	if t.lang == Russian { // a date ends in "г.", whose full stop is the sentence's, too
		s = strings.ReplaceAll(s, "г..", "г.")
	}
	return s
}
