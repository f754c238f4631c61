package feedback

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"path/filepath"
	"strings"

	"pingyi/fault"
)

// File is a document or picture that goes with an issue.
type File struct {
	ID      int64  `db:"id"`
	Name    string `db:"name"`
	Type    string `db:"type"`
	Size    int    `db:"size"`
	Content []byte `db:"content"`
	Event   int64  `db:"event"` // the step it came with; 0 of no step
}

// Limits of files.
const (
	MaxFiles    = 5
	MaxFileSize = 10 << 20
	maxPixels   = 40 << 20
)

// suspicious are parts of a PDF that can act; a document that only shows
// something has none of them.
var suspicious = [][]byte{[]byte("/JavaScript"), []byte("/JS"), []byte("/Launch"), []byte("/EmbeddedFile"), []byte("/Encrypt"), []byte("/OpenAction"), []byte("/RichMedia")}

// ReadFile checks an uploaded file by its content, not its name. Pictures are
// decoded and written anew, which drops the place and device they were taken
// with. PDFs that can act are refused.
func ReadFile(name string, content []byte) (File, error) {
	name = strings.TrimSpace(filepath.Base(strings.ReplaceAll(name, `\`, "/")))
	if r := []rune(name); len(r) > 80 {
		name = string(r[:80])
	}
	f := File{Name: name}
	refuse := func(key string) (File, error) { return File{}, fault.Field("files", key, "Name", name) }
	switch {
	case len(content) == 0:
		return refuse("file.empty")
	case len(content) > MaxFileSize:
		return refuse("file.too-large")
	case bytes.HasPrefix(content, []byte("%PDF-")):
		if !bytes.Contains(content[max(0, len(content)-2048):], []byte("%%EOF")) {
			return refuse("file.broken")
		}
		for _, s := range suspicious {
			if bytes.Contains(content, s) {
				return refuse("file.active")
			}
		}
		f.Type, f.Content = "application/pdf", content
	case bytes.HasPrefix(content, []byte("\xff\xd8\xff")), bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		var err error
		if f.Type, f.Content, err = redraw(content); err != nil {
			return refuse("file.broken")
		}
	default:
		return refuse("file.type")
	}
	f.Size = len(f.Content)
	if f.Size > MaxFileSize {
		return refuse("file.too-large")
	}
	return f, nil
}

// redraw decodes a picture and encodes it again, without what it carried beside.
func redraw(content []byte) (kind string, out []byte, err error) {
	size, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return "", nil, fmt.Errorf("read picture: %w", err)
	}
	if size.Width <= 0 || size.Height <= 0 || size.Width*size.Height > maxPixels {
		return "", nil, fmt.Errorf("picture of %d × %d points", size.Width, size.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return "", nil, fmt.Errorf("decode picture: %w", err)
	}
	var b bytes.Buffer
	if format == "png" {
		err = png.Encode(&b, img)
		return "image/png", b.Bytes(), err
	}
	err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 88})
	return "image/jpeg", b.Bytes(), err
}

func (f File) sum() []byte {
	s := sha256.Sum256(f.Content)
	return s[:]
}
