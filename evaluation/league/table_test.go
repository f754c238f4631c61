package league

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

const plain = "公司,部门,分数,备注\n甲,住建局,4.5,\"a, b\"\n乙,税务局,3,\n\n丙,住建局,,x\n"

var wanted = []string{"公司", "部门", "分数"}

func pack(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func workbook(t testing.TB, rows [][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// However a file is written, the table is the same.
func TestOneTableInManyFiles(t *testing.T) {
	chinese, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	cells := [][]any{{"公司", "部门", "分数", "备注"}, {"甲", "住建局", 4.5, "a, b"}, {"乙", "税务局", 3}, {}, {"丙", "住建局", nil, "x"}}
	files := map[string][]byte{
		"plain":           []byte(plain),
		"byte-order mark": []byte("\ufeff" + plain),
		"windows lines":   []byte(strings.ReplaceAll(plain, "\n", "\r\n")),
		"gzip":            pack(t, []byte(plain)),
		"gzip and mark":   pack(t, []byte("\ufeff"+plain)),
		"GB 18030":        chinese,
		"semicolons":      []byte("公司;部门;分数;备注\n甲;住建局;4.5;a, b\n乙;税务局;3;\n\n丙;住建局;;x\n"),
		"tabs":            []byte("公司\t部门\t分数\t备注\n甲\t住建局\t4.5\ta, b\n乙\t税务局\t3\n\n 丙\t住建局 \t\tx\n"),
		"xlsx":            workbook(t, cells),
	}
	want := map[string][]string{"公司": {"甲", "乙", "丙"}, "部门": {"住建局", "税务局", "住建局"}, "分数": {"4.5", "3", ""}}
	for name, content := range files {
		got, err := Read(content, wanted)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got.Columns, want) || !slices.Equal(got.Rows, []int{2, 3, 5}) {
			t.Errorf("%s: %v, rows %v", name, got.Columns, got.Rows)
		}
	}
}

func TestDefectsOfFilesAreNamed(t *testing.T) {
	packed := pack(t, []byte(plain))
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"nothing", nil, "the file is empty"},
		{"a mark alone", []byte("\ufeff\n\n"), "the file is empty"},
		{"commas alone", []byte(",,,\n,,\n"), "the file is empty"},
		{"header alone", []byte("公司,部门,分数\n"), "a header and no rows"},
		{"no such column", []byte("公司,部门,总分\n甲,乙,3\n"), `there is no column "分数"; the file has: 公司, 部门, 总分`},
		{"two of them", []byte("公司,部门,分数,分数\n甲,乙,3,4\n"), `two columns "分数"`},
		{"more than the header", []byte("公司,部门,分数\n甲,乙,3\n甲,丙,3,7\n"), "row 3 has 4 columns, the header has 3"},
		{"a quote too few", []byte("公司,部门,分数\n甲,\"乙,3\n"), "row 2"},
		{"old workbook", []byte("\xd0\xcf\x11\xe0 and so on"), ".xls"},
		{"broken workbook", []byte("PK\x03\x04 and so on"), "the workbook cannot be read"},
		{"broken gzip", packed[:len(packed)-9], "cannot be unpacked"},
		{"no text", []byte("公司,部门,分数\n\x00\x01,\x00,3\n"), "neither UTF-8"},
		{"empty sheet", workbook(t, nil), "the file is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Read(tt.content, wanted)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Read = %v, %v, want an error with %q", got, err, tt.want)
			}
		})
	}
}

func TestDefectsOfRatingsAreNamed(t *testing.T) {
	c := Columns{Rater: "r", Department: "d", Score: "y", Fixed: []string{"f"}}
	many := "r,d,y,f\n"
	for i := range maxCategories + 1 {
		many += fmt.Sprintf("a%d,b,1,c%d\n", i, i)
	}
	tests := []struct{ name, content, want string }{
		{"words for numbers", "r,d,y,f\na,b,3,1\na,c,good,1\n", `column "y", row 3: "good" is not a number`},
		{"not a number", "r,d,y,f\na,b,NaN,1\n", `"NaN" is not a number`},
		{"infinite", "r,d,y,f\na,b,1e999,1\n", `"1e999" is not a number`},
		{"a decimal comma between commas", "r,d,y,f\na,b,\"3,5\",1\n", `"3,5" is not a number`},
		{"no scores", "r,d,y,f\na,b,,1\n", `column "y" has no scores`},
		{"no rater", "r,d,y,f\na,b,1,1\n,b,1,1\n", `column "r", row 3: empty`},
		{"no fact", "r,d,y,f\na,b,1,\n", `column "f", row 2: empty`},
		{"too many categories", many, "101 categories"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, err := Read([]byte(tt.content), c.Names())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := table.ratings(c); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
	for _, c := range []Columns{{}, {Rater: "a", Department: "a", Score: "y"}, {Rater: "a", Department: "b", Score: "y", Fixed: []string{""}}, {Rater: "residual", Department: "b", Score: "y"}} {
		if c.Check() == nil {
			t.Errorf("columns %+v pass", c)
		}
	}
}

func TestRatings(t *testing.T) {
	c := Columns{Rater: "r", Department: "d", Score: "y", Fixed: []string{"age", "sex", "town"}}
	table, err := Read([]byte("r;d;y;age;sex;town\n10;x;3,5;7;M;v\n9;y;;8;M;v\n9;x;4;-1.5;F;v\n10;z;5;2;M;v\n"), c.Names())
	if err != nil {
		t.Fatal(err)
	}
	r, err := table.ratings(c)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.data.Y, []float64{3.5, 4, 5}) || r.skipped != 1 {
		t.Errorf("scores %v, skipped %d", r.data.Y, r.skipped)
	}
	if !slices.Equal(r.labels[0], []string{"9", "10"}) || !slices.Equal(r.labels[1], []string{"x", "z"}) || !slices.Equal(r.data.Factors[0].Of, []int32{1, 0, 1}) {
		t.Errorf("labels %v, levels %v", r.labels, r.data.Factors[0].Of)
	}
	f := r.data.Fixed
	if len(f) != 2 || f[0].Name != "age" || !slices.Equal(f[0].X, []float64{7, -1.5, 2}) || f[1].Name != "sexM" || !slices.Equal(f[1].X, []float64{1, 0, 1}) {
		t.Errorf("fixed %+v", f)
	}
	if r.baselines["sex"] != "F" || !slices.Equal(r.constant, []string{"town"}) {
		t.Errorf("baselines %v, constant %v", r.baselines, r.constant)
	}
	if got := r.partners(1, 0); !slices.Equal(got, []int{2, 1}) {
		t.Errorf("raters of departments %v", got)
	}
	if got := r.means(1); !slices.Equal(got, []float64{3.75, 5}) {
		t.Errorf("means %v", got)
	}
}

// Whatever the bytes, Read answers with a table whose columns are of equal length
// or with an error.
func FuzzRead(f *testing.F) {
	f.Add(pack(f, []byte(plain)))
	f.Fuzz(func(t *testing.T, content []byte) {
		table, err := Read(content, wanted)
		if err != nil {
			return
		}
		for _, c := range wanted {
			if len(table.Columns[c]) != len(table.Rows) {
				t.Fatalf("column %q has %d texts for %d rows", c, len(table.Columns[c]), len(table.Rows))
			}
		}
		if !slices.IsSorted(table.Rows) {
			t.Fatalf("rows %v", table.Rows)
		}
		if r, err := table.ratings(Columns{Rater: "公司", Department: "部门", Score: "分数"}); err == nil && len(r.data.Y)+r.skipped != len(table.Rows) {
			t.Fatalf("%d scores and %d skipped of %d rows", len(r.data.Y), r.skipped, len(table.Rows))
		}
	})
}
