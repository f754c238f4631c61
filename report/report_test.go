package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

var nasty = []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'quoted", "plain", "＝全角", "a,b\"c\nd", "", strings.Repeat("长", 40)}

func table() Table {
	t := Table{Sheet: strings.Repeat("Контакты: [компаний]/", 4), Title: "=title", Head: []string{"=head", "n"}, About: [][2]string{{"=about", "x"}}}
	for _, s := range nasty {
		t.Rows = append(t.Rows, []any{s, Number("81.9160")})
	}
	return t
}

func TestXLSXKeepsTextAsText(t *testing.T) {
	b, err := XLSX(table())
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	sheet := f.GetSheetList()[0]
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range nasty {
		at, _ := excelize.CoordinatesToCellName(1, i+2)
		if formula, _ := f.GetCellFormula(sheet, at); formula != "" {
			t.Errorf("%q became the formula %q", want, formula)
		}
		if got := rows[i+1][0]; got != want {
			t.Errorf("%q came back as %q", want, got)
		}
		if kind, _ := f.GetCellType(sheet, strings.Replace(at, "A", "B", 1)); kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString {
			t.Errorf("the number beside %q is text", want)
		}
	}
}

// A spreadsheet program that opens the csv finds no formula in it.
func TestCSVHasNoFormula(t *testing.T) {
	b, err := CSV(table())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte("\ufeff")) {
		t.Error("no byte-order mark: Chinese would be misread")
	}
	rows, err := csv.NewReader(bytes.NewReader(b[3:])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		if s := strings.TrimSpace(r[0]); s != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(s)[0]) {
			t.Errorf("%q could be taken for a formula", r[0])
		}
	}
}

func TestSheetNames(t *testing.T) {
	for in, want := range map[string]string{"排名": "排名", "": "1", "a/b:c": "a b c", strings.Repeat("я", 50): strings.Repeat("я", 31)} {
		if got := sheetName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
