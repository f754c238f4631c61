package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// Official is an official document (公文) ready to be set: what stands on the paper, in
// the order in which it stands there.
type Official struct {
	Head       string // the issuing organ's name above the line
	No         string // document number
	Title      string
	Addressee  string
	Paragraphs []string
	Body       []Block // after the paragraphs: what a page holds besides
	Organ      string  // signature
	Date       string  // as written in the language
	CopiesWord string  // 抄送
	Copies     []string
	Chinese    bool // set in the Chinese faces, first lines indented by two characters
}

// Faces of the Chinese layout (GB/T 9704). They are named, not shipped: a machine
// without them shows its own.
const (
	faceTitle   = "方正小标宋简体"
	faceHeading = "黑体"
	faceBody    = "仿宋_GB2312"
	faceLatin   = "Times New Roman"
)

// DOCX sets the document on A4 with the margins and type of the Chinese layout for
// official documents: 37 mm above, 35 below, 28 left, 26 right, 22 lines of 28 characters.
func DOCX(d Official) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", docxTypes}, {"_rels/.rels", docxRels}, {"word/_rels/document.xml.rels", docxDocRels},
		{"word/styles.xml", docxStyles}, {"word/footer1.xml", docxFooter}, {"word/document.xml", d.body()},
	} {
		w, err := z.Create(part.name)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", part.name, err)
		}
		if _, err := w.Write([]byte(xml.Header + part.text)); err != nil {
			return nil, fmt.Errorf("write %s: %w", part.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("close the document: %w", err)
	}
	return b.Bytes(), nil
}

// body is the document part. Half-points: 44 is size two (二号), 32 size three (三号),
// 28 size four (四号); lines are 28.9 points apart.
func (d Official) body() string {
	var b strings.Builder
	b.WriteString(`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>`)
	line := `<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="4" w:color="C00000"/></w:pBdr>`
	b.WriteString(paragraph(`<w:jc w:val="center"/>`, run(d.Head, faceTitle, 52, `<w:color w:val="C00000"/>`)))
	b.WriteString(paragraph(line+`<w:spacing w:before="240" w:after="360"/><w:jc w:val="center"/>`, run(d.No, faceBody, 32, "")))
	b.WriteString(paragraph(`<w:spacing w:after="360"/><w:jc w:val="center"/>`, run(d.Title, faceTitle, 44, "")))
	if d.Addressee != "" {
		b.WriteString(paragraph("", run(d.Addressee, faceBody, 32, "")))
	}
	indent := ""
	if d.Chinese {
		indent = `<w:ind w:firstLineChars="200" w:firstLine="640"/>`
	}
	for _, p := range d.Paragraphs {
		b.WriteString(paragraph(indent+`<w:jc w:val="both"/>`, run(p, faceBody, 32, "")))
	}
	for _, k := range d.Body {
		b.WriteString(k.set(indent))
	}
	b.WriteString(paragraph(`<w:keepNext/><w:spacing w:before="560"/><w:ind w:rightChars="400" w:right="1280"/><w:jc w:val="right"/>`, run(d.Organ, faceBody, 32, "")))
	b.WriteString(paragraph(`<w:ind w:rightChars="400" w:right="1280"/><w:jc w:val="right"/>`, run(d.Date, faceBody, 32, "")))
	if len(d.Copies) > 0 {
		border := `<w:pBdr><w:top w:val="single" w:sz="8" w:space="4" w:color="000000"/><w:bottom w:val="single" w:sz="8" w:space="4" w:color="000000"/></w:pBdr><w:spacing w:before="560"/>`
		b.WriteString(paragraph(border, run(d.CopiesWord+strings.Join(d.Copies, d.comma()), faceBody, 28, "")))
	}
	b.WriteString(`<w:sectPr><w:footerReference w:type="default" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588" w:header="851" w:footer="1400" w:gutter="0"/></w:sectPr></w:body></w:document>`)
	return b.String()
}

// set writes a block: headings in the face of headings (黑体), tables with single rules in
// size four and a half (小四) whose head comes again on each page.
func (k Block) set(indent string) string {
	switch k.Kind {
	case Heading:
		return paragraph(`<w:keepNext/>`+indent, run(k.Text, faceHeading, 32, ""))
	case Caption:
		return paragraph(`<w:keepNext/><w:spacing w:before="120"/><w:jc w:val="center"/>`, run(k.Text, faceHeading, 28, ""))
	case Item:
		return paragraph(indent+`<w:jc w:val="both"/>`, run("· "+k.Text, faceBody, 32, ""))
	case TableBlock:
		return k.table()
	}
	return paragraph(indent+`<w:jc w:val="both"/>`, run(k.Text, faceBody, 32, ""))
}

func (k Block) table() string {
	var b strings.Builder
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		b.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`)
	}
	b.WriteString(`</w:tblBorders><w:tblLook w:val="04A0"/></w:tblPr><w:tblGrid>`)
	widths := k.widths()
	for _, w := range widths {
		fmt.Fprintf(&b, `<w:gridCol w:w="%d"/>`, w)
	}
	b.WriteString(`</w:tblGrid>`)
	for i, row := range k.Rows {
		head := ""
		if i < k.Head {
			head = `<w:tblHeader/>`
		}
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/>` + head + `</w:trPr>`)
		for n, c := range row {
			side, face := "left", faceBody
			if c.Number {
				side = "right"
			}
			if i < k.Head {
				face = faceHeading
			}
			b.WriteString(fmt.Sprintf(`<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>`, widths[n]) + paragraph(`<w:spacing w:line="360" w:lineRule="exact"/><w:jc w:val="`+side+`"/>`, run(c.Text, face, 24, "")) + `</w:tc>`)
		}
		b.WriteString(`</w:tr>`)
	}
	b.WriteString(`</w:tbl>`)
	return b.String() + paragraph(`<w:spacing w:line="240" w:lineRule="exact"/>`, "")
}

// textWidth is the width of the text between the margins, in twentieths of a point.
const textWidth = 11906 - 1588 - 1474

// widths shares the width of the text out over the columns by the longest text in each,
// counted from 5 to 30; a Chinese character is as wide as two of Latin.
func (k Block) widths() []int {
	out, sum := make([]int, len(k.Rows[0])), 0
	for n := range out {
		longest := 5
		for _, row := range k.Rows {
			longest = max(longest, textLength(row[n].Text))
		}
		out[n] = min(longest, 30)
		sum += out[n]
	}
	for n := range out {
		out[n] = textWidth * out[n] / sum
	}
	return out
}

func textLength(s string) (n int) {
	for _, r := range s {
		if n++; r >= 0x2e80 {
			n++
		}
	}
	return n
}

func (d Official) comma() string {
	if d.Chinese {
		return "、"
	}
	return ", "
}

func paragraph(properties, content string) string {
	return `<w:p><w:pPr>` + properties + `</w:pPr>` + content + `</w:p>`
}

// run is text in one face and size, in half-points.
func run(text, face string, size int, more string) string {
	var t bytes.Buffer
	_ = xml.EscapeText(&t, []byte(text)) // a buffer takes everything
	return fmt.Sprintf(`<w:r><w:rPr><w:rFonts w:ascii="%s" w:hAnsi="%s" w:eastAsia="%s" w:cs="%s"/>%s<w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr><w:t xml:space="preserve">%s</w:t></w:r>`,
		faceLatin, faceLatin, face, faceLatin, more, size, size, t.String())
}

const (
	docxTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>` +
		`<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>` +
		`<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/></Types>`
	docxRels    = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`
	docxDocRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/></Relationships>`
	docxStyles = `<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="` + faceLatin + `" w:hAnsi="` + faceLatin + `" w:eastAsia="` + faceBody + `"/><w:sz w:val="32"/></w:rPr></w:rPrDefault>` +
		`<w:pPrDefault><w:pPr><w:spacing w:line="579" w:lineRule="exact"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>`
	docxFooter = `<w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:t xml:space="preserve">— </w:t></w:r>` +
		`<w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:fldChar w:fldCharType="end"/></w:r>` +
		`<w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:t xml:space="preserve"> —</w:t></w:r></w:p></w:ftr>`
)
