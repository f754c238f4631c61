package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var letter = Official{Head: "嫩江县招商引资工作领导小组办公室", No: "嫩招督〔2026〕12号", Title: "关于企业诉求逾期未办结的督办函", Addressee: "县住房和城乡建设局：",
	Paragraphs: []string{"企业诉求 NJ-2026-0187 “=1+1 <b>&施工许可”由你单位牵头办理，期限为2026年11月18日，现已逾期3个工作日。", strings.Repeat("请说明原因并在三个工作日内办结。", 60)},
	Organ:      "县招商引资工作领导小组办公室", Date: "2026年11月23日", CopiesWord: "抄送：", Copies: []string{"县委办公室", "县政府办公室"}, Chinese: true}

// Every part is well-formed, and the text stands in it as text.
func TestDOCXIsWellFormed(t *testing.T) {
	b, err := DOCX(letter)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for d := xml.NewDecoder(bytes.NewReader(content)); ; {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if c, ok := tok.(xml.CharData); ok {
				text.Write(c)
			}
		}
		names[f.Name] = text.String()
	}
	for _, want := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/styles.xml", "word/footer1.xml"} {
		if _, ok := names[want]; !ok {
			t.Errorf("%s is missing", want)
		}
	}
	for _, want := range append([]string{letter.No, letter.Title, letter.Addressee, "抄送：县委办公室、县政府办公室"}, letter.Paragraphs...) {
		if !strings.Contains(names["word/document.xml"], want) {
			t.Errorf("%q is not in the document", want)
		}
	}
}

// TestDOCXOpensInLibreOffice turns a letter into a PDF where LibreOffice is installed.
func TestDOCXOpensInLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Log("LibreOffice is not installed: only the parts were checked")
		return
	}
	dir := t.TempDir()
	b, err := DOCX(letter)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "letter.docx")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "pdf", "--outdir", dir, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pdf, err := os.ReadFile(filepath.Join(dir, "letter.pdf"))
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("no PDF: %v: %s", err, out)
	}
	if keep := os.Getenv("DOCX_PDF"); keep != "" {
		_ = os.WriteFile(keep, pdf, 0o600)
	}
}
