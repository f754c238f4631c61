package league

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// MaxSize is the largest file that is read, in bytes, packed or unpacked.
const MaxSize = 512 << 20

// Table is a file with a header: only the columns asked for, as text without
// spaces around it. Rows that are blank in all columns of the file are left out.
type Table struct {
	Columns map[string][]string
	Rows    []int // number of each row in the file, the first line being 1

	decimalComma bool // the file separates columns by something else than commas
}

// row is a row of a file and its number.
type row struct {
	number int
	cells  []string
}

// Read reads the named columns of a csv file (comma, semicolon or tab; UTF-8 with or
// without a byte-order mark, or GB 18030; also packed with gzip) or of the first
// sheet of an xlsx workbook. The first row that is not blank names the columns.
//
// Errors say in a sentence what is wrong with the file, with column and row.
func Read(content []byte, columns []string) (*Table, error) {
	if len(content) > MaxSize {
		return nil, fmt.Errorf("the file has more than %d MB", MaxSize>>20)
	}
	if bytes.HasPrefix(content, []byte("\x1f\x8b")) {
		var err error
		if content, err = unpack(content); err != nil {
			return nil, err
		}
	}
	switch {
	case len(bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\ufeff")))) == 0:
		return nil, errors.New("the file is empty")
	case bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")):
		return nil, errors.New("the file is an old (.xls) or locked workbook: save it as .xlsx or csv")
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		return readWorkbook(content, columns)
	}
	return readCSV(content, columns)
}

func unpack(content []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be unpacked: %w", err)
	}
	out, err := io.ReadAll(io.LimitReader(z, MaxSize+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the file cannot be unpacked: %w", err)
	case len(out) > MaxSize:
		return nil, fmt.Errorf("the file has more than %d MB unpacked", MaxSize>>20)
	}
	return out, nil
}

// decode returns the text of a csv file without byte-order mark. Spreadsheet
// programs on Chinese systems write GB 18030.
func decode(content []byte) ([]byte, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	bad := errors.New("the file is neither UTF-8 nor GB 18030 text")
	if !utf8.Valid(content) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return nil, bad
		}
		content = decoded
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return nil, bad
	}
	return content, nil
}

func readCSV(content []byte, columns []string) (*Table, error) {
	content, err := decode(content)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	r.Comma = separator(content)
	t, err := collect(columns, func() (row, error) {
		cells, err := r.Read()
		if err != nil {
			var broken *csv.ParseError
			if errors.As(err, &broken) {
				err = fmt.Errorf("row %d: %w", broken.Line, broken.Err)
			}
			return row{}, err
		}
		line, _ := r.FieldPos(0)
		return row{line, cells}, nil
	})
	if t != nil {
		t.decimalComma = r.Comma != ','
	}
	return t, err
}

// separator is the one that cuts the first line into most columns.
func separator(content []byte) rune {
	head, _, _ := bytes.Cut(bytes.TrimLeft(content, "\r\n"), []byte("\n"))
	best, most := ',', 0
	for _, comma := range []rune{',', ';', '\t'} {
		r := csv.NewReader(bytes.NewReader(head))
		r.Comma = comma
		if cells, err := r.Read(); err == nil && len(cells) > most {
			best, most = comma, len(cells)
		}
	}
	return best
}

// collect reads rows up to io.EOF and keeps the wanted columns.
func collect(columns []string, next func() (row, error)) (*Table, error) {
	t := &Table{Columns: map[string][]string{}}
	var at []int
	var header row
	for {
		r, err := next()
		switch {
		case errors.Is(err, io.EOF) && at == nil:
			return nil, errors.New("the file is empty")
		case errors.Is(err, io.EOF) && len(t.Rows) == 0:
			return nil, errors.New("the file has a header and no rows")
		case errors.Is(err, io.EOF):
			return t, nil
		case err != nil:
			return nil, err
		}
		for len(r.cells) > 0 && strings.TrimSpace(r.cells[len(r.cells)-1]) == "" {
			r.cells = r.cells[:len(r.cells)-1]
		}
		switch {
		case len(r.cells) == 0:
		case at == nil:
			header = r
			if at, err = find(columns, r.cells); err != nil {
				return nil, err
			}
		case len(r.cells) > len(header.cells):
			return nil, fmt.Errorf("row %d has %d columns, the header has %d", r.number, len(r.cells), len(header.cells))
		default:
			t.add(r, columns, at)
		}
	}
}

// find returns where the wanted columns stand.
func find(columns, header []string) ([]int, error) {
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = strings.TrimSpace(h)
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		at[i] = slices.Index(names, c)
		switch {
		case at[i] < 0:
			return nil, fmt.Errorf("there is no column %q; the file has: %s", c, listed(names))
		case slices.Contains(names[at[i]+1:], c):
			return nil, fmt.Errorf("there are two columns %q", c)
		}
	}
	return at, nil
}

// listed names the first columns of a file.
func listed(names []string) string {
	const most = 20
	if len(names) > most {
		return strings.Join(clean(names[:most]), ", ") + ", ..."
	}
	return strings.Join(clean(names), ", ")
}

func (t *Table) add(r row, columns []string, at []int) {
	t.Rows = append(t.Rows, r.number)
	for i, c := range columns {
		text := ""
		if at[i] < len(r.cells) {
			text = strings.TrimSpace(r.cells[at[i]])
		}
		t.Columns[c] = append(t.Columns[c], text)
	}
}
