package templates

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed all:assets
var assetFiles embed.FS

// Assets are the style sheet, scripts and pictures, named by their content so
// that a browser may keep them for a year.
type Assets struct {
	byName map[string]string // portal.css -> /assets/portal.1f2e3d4c.css
	byPath map[string]asset
}

type asset struct {
	kind string
	body []byte
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png",
}

// loadAssets reads the embedded files. All style sheets, in name order, become
// one portal.css: one request for the reader, several rooms for the writer.
func loadAssets() (*Assets, error) {
	a := &Assets{byName: map[string]string{}, byPath: map[string]asset{}}
	sheets := map[string][]byte{}
	err := fs.WalkDir(assetFiles, "assets", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := assetFiles.ReadFile(p)
		if err != nil {
			return err
		}
		if path.Ext(p) == ".css" {
			sheets[p] = body
			return nil
		}
		a.add(path.Base(p), body)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	names := make([]string, 0, len(sheets))
	for n := range sheets {
		names = append(names, n)
	}
	slices.Sort(names)
	var all []byte
	for _, n := range names {
		all = append(append(all, sheets[n]...), '\n')
	}
	a.add("portal.css", all)
	return a, nil
}

func (a *Assets) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	p := "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
	a.byName[name], a.byPath[p] = p, asset{kind: kinds[ext], body: body}
}

// Path returns the address of an asset; an unknown name is an error of ours and
// fails the page.
func (a *Assets) Path(name string) (string, error) {
	p, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return p, nil
}

// ServeHTTP answers requests below /assets/.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.byPath[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(f.body)
}
