// Package report writes tables that leave the portal: xlsx and csv.
package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// Table is a table with its heading and what a reader must know about it.
type Table struct {
	Sheet string
	Title string
	Head  []string
	Rows  [][]any // strings stay text; Number becomes a number
	About [][2]string
}

// Number is a decimal, written as a number; "" is an empty cell.
type Number string

// XLSX writes the table with a frozen head, and a second sheet about it. Text is
// always written as text, never as a formula.
func XLSX(t Table) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	t.Sheet = sheetName(t.Sheet)
	if err := f.SetSheetName("Sheet1", t.Sheet); err != nil {
		return nil, fmt.Errorf("name the sheet: %w", err)
	}
	w, err := f.NewStreamWriter(t.Sheet)
	if err != nil {
		return nil, fmt.Errorf("begin the sheet: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, fmt.Errorf("style: %w", err)
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, fmt.Errorf("freeze the head: %w", err)
	}
	head := make([]any, len(t.Head))
	for i, h := range t.Head {
		head[i] = excelize.Cell{StyleID: bold, Value: h}
	}
	for i, row := range append([][]any{head}, t.Rows...) {
		cells := make([]any, len(row))
		for j, v := range row {
			cells[j] = cell(v)
		}
		if err := w.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return nil, fmt.Errorf("write row %d: %w", i+1, err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("finish the sheet: %w", err)
	}
	about := "i"
	if _, err := f.NewSheet(about); err != nil {
		return nil, fmt.Errorf("second sheet: %w", err)
	}
	for i, line := range append([][2]string{{t.Title, ""}}, t.About...) {
		for j, v := range line {
			at, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if err := f.SetCellStr(about, at, v); err != nil {
				return nil, fmt.Errorf("write the second sheet: %w", err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("write the file: %w", err)
	}
	return b.Bytes(), nil
}

// sheetName makes a name that spreadsheet programs accept: at most 31 characters,
// none of those with a meaning in references.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\\/?*[]'`, r) {
			return ' '
		}
		return r
	}, s)
	if u := utf16.Encode([]rune(s)); len(u) > 31 {
		s = string(utf16.Decode(u[:31]))
	}
	if s = strings.TrimSpace(s); s == "" {
		return "1"
	}
	return s
}

func cell(v any) any {
	n, ok := v.(Number)
	if !ok {
		return v
	}
	if f, err := strconv.ParseFloat(string(n), 64); err == nil {
		return f
	}
	return nil
}

// CSV writes the table for spreadsheet programs: UTF-8 with a byte-order mark,
// text that a program could take for a formula kept as text.
func CSV(t Table) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(t.Head); err != nil {
		return nil, fmt.Errorf("write head: %w", err)
	}
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, v := range row {
			if n, ok := v.(Number); ok {
				line[i] = string(n)
			} else {
				line[i] = harmless(fmt.Sprint(v))
			}
		}
		if err := w.Write(line); err != nil {
			return nil, fmt.Errorf("write row: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// harmless puts an apostrophe before text whose first visible character would
// begin a formula.
func harmless(s string) string {
	visible := strings.TrimLeft(s, " \u00a0\u3000\ufeff")
	if visible != "" && strings.ContainsRune("=+-@|%\t\r\n＝＋－＠", []rune(visible)[0]) {
		return "'" + s
	}
	return s
}
