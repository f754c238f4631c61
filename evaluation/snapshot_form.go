package evaluation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// ErrNoSnapshot is for a file that is no snapshot at all.
var ErrNoSnapshot = errors.New("this is no snapshot in the format " + SnapshotFormat)

// readSections takes the file apart. A file that does not even begin as a snapshot is
// ErrNoSnapshot; what breaks later is named by the part in which it stands.
func readSections(b []byte) (*sections, error) {
	var doc sections
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	err := dec.Decode(&doc)
	if err == nil && dec.Decode(new(json.RawMessage)) != io.EOF {
		err = errors.New("there is more after its end")
	}
	if doc.Format != SnapshotFormat && (err == nil || formatOf(b) != SnapshotFormat) {
		return nil, ErrNoSnapshot
	}
	if err != nil {
		return nil, &SnapshotError{brokenPart(b), err.Error()}
	}
	return &doc, nil
}

// sealedForm demands that a file with a seal is written to the last byte as Write
// does: a space, or a letter of a name in capitals, would be read over otherwise.
func (doc *sections) sealedForm(b []byte) error {
	again, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	if bytes.Equal(again, b) {
		return nil
	}
	at := 0
	for at < min(len(again), len(b)) && again[at] == b[at] {
		at++
	}
	return &SnapshotError{"form", "byte " + strconv.Itoa(at+1) + " is not as a sealed file is written"}
}

// check refuses a comparison whose covariance is not that of its comparable units.
func (f *Fairness) check() error {
	if f == nil || len(f.Covariance) == 0 {
		return nil
	}
	n := 0
	for _, u := range f.Units {
		if u.Status == FairUsable {
			n++
		}
	}
	if len(f.Covariance) != n*(n+1)/2 {
		return fmt.Errorf("%d numbers of covariance for %d comparable units, want %d", len(f.Covariance), n, n*(n+1)/2)
	}
	return nil
}

// formatOf reads the format of a file that may break further on.
func formatOf(b []byte) string {
	w := walker{dec: json.NewDecoder(bytes.NewReader(b))}
	for w.next() {
		if v, ok := w.value.(string); ok && len(w.path) == 1 && w.path[0].key == "format" {
			return v
		}
	}
	return ""
}

// brokenPart names the part of the file in which it cannot be read on.
func brokenPart(b []byte) string {
	w := walker{dec: json.NewDecoder(bytes.NewReader(b))}
	part := "form"
	for w.next() {
		if len(w.path) == 0 {
			part = "form" // after the end
			continue
		}
		switch key := w.path[0].key; key {
		case "header", "scheme", "campaigns", "fairness", "seal":
			part = key
		case "units":
			if part = "units"; len(w.path) > 1 {
				part = "unit " + strconv.Itoa(w.path[1].n)
			}
		default:
			part = "form"
		}
	}
	return part
}

// walker goes through JSON token by token and knows where it is.
type walker struct {
	dec   *json.Decoder
	path  []step // of the open objects and lists
	value json.Token
}

// step is a place in an object or a list.
type step struct {
	list  bool
	key   string
	n     int  // elements begun, in a list
	named bool // a key was read, its value comes next
}

// next reads a token; false at the end or where it cannot be read.
func (w *walker) next() bool {
	t, err := w.dec.Token()
	if err != nil {
		return false
	}
	w.value = nil
	if d, ok := t.(json.Delim); ok && (d == '}' || d == ']') {
		w.path = w.path[:len(w.path)-1]
		return true
	}
	if n := len(w.path); n > 0 {
		at := &w.path[n-1]
		switch {
		case at.list:
			at.n++
		case !at.named:
			at.key, _ = t.(string)
			at.named = true
			return true
		default:
			at.named = false
		}
	}
	if d, ok := t.(json.Delim); ok {
		w.path = append(w.path, step{list: d == '['})
		return true
	}
	w.value = t
	return true
}
