package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/width"

	"pingyi/fault"
)

// Limits of what a workbook may unpack to, in bytes: a small file can hold an
// enormous one.
const (
	unzipLimit = 96 << 20
	sheetLimit = 32 << 20
)

func refuse(key string, args ...any) error { return fault.Field("file", key, args...) }

// Fold makes words comparable: width, case, spaces, the star of a needed column.
func Fold(s string) string {
	s = strings.ToLower(width.Narrow.String(s))
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '*' || r == '_' || r == '-' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
}

// cell is a cell as the file has it.
type cell struct {
	text    string
	formula bool
}

// Read reads a file of a kind into rows. What is wrong with the file as a whole
// is a fault of the field "file"; what is wrong with a cell is in its row.
func Read(kind Kind, content []byte, words Words) ([]Row, error) {
	switch {
	case kind.Columns() == nil:
		return nil, fault.Field("kind", "import.kind-unknown")
	case len(content) == 0:
		return nil, refuse("import.empty")
	case len(content) > MaxSize:
		return nil, refuse("import.too-large", "Limit", MaxSize>>20)
	}
	var grid [][]cell
	var err error
	switch {
	case bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")):
		return nil, refuse("import.old-or-locked")
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		grid, err = readWorkbook(content)
	default:
		grid, err = readCSV(content)
	}
	if err != nil {
		return nil, err
	}
	return rowsOf(kind, grid, words)
}

func readWorkbook(content []byte) ([][]cell, error) {
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{RawCellValue: true, UnzipSizeLimit: unzipLimit, UnzipXMLSizeLimit: sheetLimit})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") {
			return nil, refuse("import.bomb")
		}
		return nil, refuse("import.unreadable")
	}
	defer func() { _ = f.Close() }()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, refuse("import.unreadable")
	}
	sheet := sheets[0]
	merged, err := f.GetMergeCells(sheet)
	if err != nil {
		return nil, refuse("import.unreadable")
	}
	if len(merged) > 0 {
		return nil, refuse("import.merged", "Cell", merged[0].GetStartAxis())
	}
	it, err := f.Rows(sheet)
	if err != nil {
		return nil, refuse("import.unreadable")
	}
	defer func() { _ = it.Close() }()
	var grid [][]cell
	for it.Next() {
		texts, err := it.Columns()
		if err != nil {
			return nil, refuse("import.unreadable")
		}
		if len(texts) > 60 {
			texts = texts[:60]
		}
		row := make([]cell, len(texts))
		for i, t := range texts {
			row[i].text = t
		}
		grid = append(grid, row)
		if len(grid) > 3*MaxRows {
			return nil, refuse("import.too-many", "Limit", MaxRows)
		}
	}
	return markFormulas(f, sheet, grid)
}

// markFormulas finds the cells whose value is computed: what they show depends on
// the program that opens them.
func markFormulas(f *excelize.File, sheet string, grid [][]cell) ([][]cell, error) {
	for y := range grid {
		for x := range grid[y] {
			at, err := excelize.CoordinatesToCellName(x+1, y+1)
			if err != nil {
				return nil, refuse("import.unreadable")
			}
			formula, err := f.GetCellFormula(sheet, at)
			if err != nil {
				return nil, refuse("import.unreadable")
			}
			grid[y][x].formula = formula != ""
		}
	}
	return grid, nil
}

func readCSV(content []byte) ([][]cell, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		return nil, refuse("import.encoding")
	}
	if !utf8.Valid(content) {
		// Spreadsheet programs on Chinese systems write GB 18030.
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return nil, refuse("import.encoding")
		}
		content = decoded
	}
	if bytes.ContainsRune(content, 0) {
		return nil, refuse("import.unreadable")
	}
	head, _, _ := bytes.Cut(content, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	for _, comma := range []rune{'\t', ';'} {
		if bytes.ContainsRune(head, comma) && !bytes.ContainsRune(head, ',') {
			r.Comma = comma
		}
	}
	var grid [][]cell
	for {
		record, err := r.Read()
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken):
			return nil, refuse("import.csv-broken", "Line", broken.Line)
		case err != nil: // the end
			return grid, nil
		}
		line, _ := r.FieldPos(0)
		for len(grid) < line-1 && len(grid) < 4*MaxRows {
			grid = append(grid, nil) // lines the reader passes over keep their number
		}
		row := make([]cell, min(len(record), 60))
		for i := range row {
			row[i].text = unguard(record[i])
		}
		grid = append(grid, row)
		if len(grid) > 3*MaxRows {
			return nil, refuse("import.too-many", "Limit", MaxRows)
		}
	}
}

// unguard takes off the apostrophe that exported files put before text which a
// program could take for a formula.
func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@\t\r", rune(s[1])) {
		return s[1:]
	}
	return s
}

func blank(row []cell) bool {
	for _, c := range row {
		if strings.TrimSpace(c.text) != "" || c.formula {
			return false
		}
	}
	return true
}

func rowsOf(kind Kind, grid [][]cell, words Words) ([]Row, error) {
	top := 0
	for top < len(grid) && blank(grid[top]) {
		top++
	}
	if top == len(grid) {
		return nil, refuse("import.empty")
	}
	at, err := header(kind, grid[top], words)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for y := top + 1; y < len(grid); y++ {
		if blank(grid[y]) {
			continue
		}
		if len(rows) == MaxRows {
			return nil, refuse("import.too-many", "Limit", MaxRows)
		}
		rows = append(rows, readRow(kind, y+1, grid[y], at, words))
	}
	if len(rows) == 0 {
		return nil, refuse("import.no-rows")
	}
	return rows, nil
}

// header finds each column of the kind in the first row.
func header(kind Kind, row []cell, words Words) (map[string]int, error) {
	known := map[string]Column{}
	for _, c := range kind.Columns() {
		known[c.Code] = c
	}
	at := map[string]int{}
	for x, c := range row {
		name := strings.TrimSpace(c.text)
		if name == "" {
			continue
		}
		code, ok := words.Columns[Fold(name)]
		if _, mine := known[code]; !ok || !mine {
			return nil, refuse("import.column-unknown", "Column", cut(name, 40))
		}
		if _, twice := at[code]; twice {
			return nil, refuse("import.column-twice", "Column", cut(name, 40))
		}
		at[code] = x
	}
	for _, c := range kind.Columns() {
		if _, ok := at[c.Code]; !ok && c.Needed {
			return nil, refuse("import.column-missing", "Column", columnRef(c.Code))
		}
	}
	return at, nil
}

// columnRef marks a column code inside the arguments of a message; the page puts
// the column's name there.
func columnRef(code string) fault.Text { return fault.Text{Key: "import.col-" + code} }

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

var scientific = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?[eE]\+?[0-9]+$`)

func readRow(kind Kind, no int, cells []cell, at map[string]int, words Words) Row {
	r := Row{No: no, Cells: map[string]string{}}
	for _, col := range kind.Columns() {
		x, ok := at[col.Code]
		if !ok {
			continue
		}
		var c cell
		if x < len(cells) {
			c = cells[x]
		}
		text := strings.TrimSpace(c.text)
		r.Cells[col.Code] = text
		if key, args := r.wrong(col, c, text, words); key != "" {
			r.add(col.Code, key, args...)
		}
	}
	return r
}

// wrong says what is wrong with a cell by itself, and stores the code of a word.
func (r *Row) wrong(col Column, c cell, text string, words Words) (string, []any) {
	switch {
	case c.formula:
		return "import.formula", nil
	case strings.HasPrefix(text, "#") && strings.HasSuffix(text, "!") || text == "#N/A" || text == "#NAME?":
		return "import.error-value", []any{"Value", text}
	case text == "" && col.Needed:
		return "import.missing", nil
	case text == "":
		return "", nil
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(x rune) bool { return x == utf8.RuneError || unicode.IsControl(x) && x != '\n' && x != '\r' }):
		return "import.control", nil
	case strings.ContainsAny(text, "\r\n"):
		return "import.line-break", nil
	case col.Words == nil && scientific.MatchString(text):
		return "import.number", nil
	case utf8.RuneCountInString(text) > col.Max:
		return "text.long", []any{"Limit", col.Max, "Have", utf8.RuneCountInString(text)}
	}
	if col.Words != nil {
		code, ok := words.Values[col.Code][Fold(text)]
		if !ok {
			return "import.word-unknown", []any{"Value", cut(text, 20)}
		}
		r.Cells[col.Code] = code
	}
	return "", nil
}

func (r *Row) add(column, key string, args ...any) {
	r.Defects = append(r.Defects, Defect{Column: column, Text: fault.Text{Key: key, Args: args}})
}
