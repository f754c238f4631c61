package league

import (
	"bytes"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// sheetLimit is what one sheet may unpack to in memory, in bytes; larger ones go
// through a temporary file.
const sheetLimit = 64 << 20

func readWorkbook(content []byte, columns []string) (*Table, error) {
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{RawCellValue: true, UnzipSizeLimit: MaxSize, UnzipXMLSizeLimit: sheetLimit})
	if err != nil {
		return nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, fmt.Errorf("the workbook has no sheet")
	}
	it, err := f.Rows(sheets[0])
	if err != nil {
		return nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	defer func() { _ = it.Close() }()
	number := 0
	return collect(columns, func() (row, error) {
		if !it.Next() {
			if err := it.Error(); err != nil {
				return row{}, fmt.Errorf("the workbook cannot be read: %w", err)
			}
			return row{}, io.EOF
		}
		number++
		cells, err := it.Columns()
		if err != nil {
			return row{}, fmt.Errorf("row %d of the workbook cannot be read: %w", number, err)
		}
		return row{number, cells}, nil
	})
}
