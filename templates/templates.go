// Package templates renders the portal's pages: one layout, shared partials, one
// file per page, and the assets they use. It knows no domain type; what a page
// shows comes in a struct that embeds Page.
package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
)

//go:embed pages partials
var files embed.FS

// Renderer holds the parsed pages; safe for many goroutines.
type Renderer struct {
	pages  map[string]*template.Template
	assets *Assets
}

// New parses every page. A page that does not parse stops the program here, not
// a reader later.
func New() (*Renderer, error) {
	assets, err := loadAssets()
	if err != nil {
		return nil, err
	}
	base, err := template.New("").Funcs(functions(assets)).ParseFS(files, "partials/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse partials: %w", err)
	}
	r := &Renderer{pages: map[string]*template.Template{}, assets: assets}
	err = fs.WalkDir(files, "pages", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "pages/"), ".html")
		set, err := template.Must(base.Clone()).ParseFS(files, path)
		if err != nil {
			return fmt.Errorf("parse page %s: %w", name, err)
		}
		r.pages[name] = set
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Assets returns the files the pages refer to.
func (r *Renderer) Assets() *Assets { return r.assets }

// Names returns the names of all pages.
func (r *Renderer) Names() []string {
	names := make([]string, 0, len(r.pages))
	for n := range r.pages {
		names = append(names, n)
	}
	return names
}

// Render writes the page, named by area and file ("company/home"), into memory.
// The layout is "layout" of partials; the page file defines "content".
func (r *Renderer) Render(name string, data any) ([]byte, error) {
	return r.execute(name, "layout", data)
}

// Content writes a page without its frame.
func (r *Renderer) Content(name string, data any) ([]byte, error) {
	return r.execute(name, "content", data)
}

func (r *Renderer) execute(name, part string, data any) ([]byte, error) {
	set := r.pages[name]
	if set == nil {
		return nil, fmt.Errorf("no page %q", name)
	}
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, part, data); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// functions are the few things a template may do beside reading its struct.
func functions(assets *Assets) template.FuncMap {
	return template.FuncMap{
		"asset": assets.Path,
		"dict":  dict,
		"list":  func(items ...any) []any { return items },
		"add":   func(a, b int) int { return a + b },
		"inc":   inc,
		"has": func(all []string, one string) bool {
			for _, s := range all {
				if s == one {
					return true
				}
			}
			return false
		},
		// parts of a label, between which a line may break
		"parts": func(s string) []string { return strings.Split(s, "|") },
		"lines": func(s string) []string { return strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") },
	}
}

// dict builds the argument of a partial from names and values.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: odd number of arguments")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: name %v is no string", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// inc is the number after n: places are counted from 0, people count from 1.
func inc(n any) int64 {
	switch v := n.(type) {
	case int:
		return int64(v) + 1
	case int64:
		return v + 1
	}
	return 0
}
