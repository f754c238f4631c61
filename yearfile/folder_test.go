package yearfile

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"testing"
	"time"
)

func TestFolder(t *testing.T) {
	at := time.Date(2026, 1, 20, 2, 0, 1, 5, time.UTC)
	parts := []Part{{"01 结果.xlsx", []byte("one")}, {"02 决定.docx", []byte("two")}}
	b, err := Folder(parts, at)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Folder(parts, at)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("the same parts make other bytes: %v", err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for i, f := range z.File[:2] {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || f.Name != parts[i].Name || !bytes.Equal(content, parts[i].Content) {
			t.Errorf("part %d is %s %q: %v", i, f.Name, content, err)
		}
		want += fmt.Sprintf("%x  %s\n", sha256.Sum256(content), f.Name)
	}
	r, err := z.Open(Sums)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != want {
		t.Errorf("the checksums are\n%s%v", got, err)
	}
	if _, err := Folder([]Part{{"a", nil}, {"a", nil}}, at); err == nil {
		t.Error("two parts of one name were taken")
	}
}
