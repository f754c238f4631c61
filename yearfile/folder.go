package yearfile

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
)

// Part is a file of the folder.
type Part struct {
	Name    string
	Content []byte
}

// Sums is the name of the list of checksums, in the form that `sha256sum -c` reads.
const Sums = "SHA256SUMS.txt"

// Folder packs the parts into a zip in their order, with the list of their checksums
// last. The same parts at the same moment make the same bytes. Names must differ.
func Folder(parts []Part, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	var sums strings.Builder
	seen := map[string]bool{Sums: true}
	write := func(p Part) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.Name, Method: zip.Deflate, Modified: at.UTC().Truncate(2 * time.Second)})
		if err != nil {
			return fmt.Errorf("write %s: %w", p.Name, err)
		}
		if _, err := w.Write(p.Content); err != nil {
			return fmt.Errorf("write %s: %w", p.Name, err)
		}
		return nil
	}
	for _, p := range parts {
		if seen[p.Name] {
			return nil, fmt.Errorf("two parts are called %s", p.Name)
		}
		seen[p.Name] = true
		if err := write(p); err != nil {
			return nil, err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(p.Content), p.Name)
	}
	if err := write(Part{Sums, []byte(sums.String())}); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("close the folder: %w", err)
	}
	return b.Bytes(), nil
}
