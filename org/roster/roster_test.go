package roster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"pingyi/fault"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/org/roster"
	"pingyi/postgres/pgtest"
)

var operator = org.Actor{Account: 1, Role: org.RoleOperator}

func quiet(string, int, int) {}

func words(t testing.TB) roster.Words {
	t.Helper()
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return roster.NewWords(func(key string) []string {
		var out []string
		for _, lang := range locale.Languages {
			if tr := c.In(lang); tr.Has(key) {
				out = append(out, tr.T(key))
			}
		}
		return out
	})
}

// licence makes a licence number with a right check character.
func licence(n int) string {
	first := fmt.Sprintf("9123116MA%08d", n)
	return first + string(org.LicenceCheck(first))
}

// workbook writes a sheet; set changes it before it is saved.
func workbook(t testing.TB, rows [][]any, set func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if set != nil {
		set(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var head = []any{"统一社会信用代码*", "中文名称*", "来源*", "行业*", "评议组", "电话", "电子邮箱", "联系单位代码", "商会会员"}

func good(n int) []any {
	return []any{licence(n), fmt.Sprintf("试验企业%d有限公司", n), "省外", "食品加工", "G1", "0456-1234567", "a@example.cn", "", "是"}
}

func with(n int, column int, value any) []any {
	r := good(n)
	r[column] = value
	return r
}

// fileKey is the message about the file as a whole.
func fileKey(err error) string {
	if f := fault.Of(err); f != nil {
		if t, ok := f.Fields["file"]; ok {
			return t.Key
		}
		return f.Text.Key
	}
	return fmt.Sprint(err)
}

// TestBrokenFiles: a file that cannot be read as a list says why, and nothing of
// it is looked at further.
func TestBrokenFiles(t *testing.T) {
	w := words(t)
	many := [][]any{head}
	for i := range roster.MaxRows + 1 {
		many = append(many, good(i))
	}
	plain := workbook(t, [][]any{head, good(1)}, nil)
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("统一社会信用代码,中文名称,来源\n1,二,三\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":               {nil, "import.empty"},
		"blank lines only":    {[]byte("\n\n , \n"), "import.empty"},
		"too large":           {make([]byte, roster.MaxSize+1), "import.too-large"},
		"old xls or password": {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), "import.old-or-locked"},
		"cut-off workbook":    {plain[:len(plain)/2], "import.unreadable"},
		"zip of something":    {[]byte("PK\x03\x04nothing"), "import.unreadable"},
		"utf-16":              {[]byte("\xff\xfea\x00b\x00"), "import.encoding"},
		"no known encoding":   {[]byte("licence,\xff\xff\xff\n"), "import.encoding"},
		"zero bytes":          {[]byte("licence,name\x00\n"), "import.unreadable"},
		"open quote":          {[]byte("licence,name_zh\n\"1,2\n"), "import.csv-broken"},
		"merged cells": {workbook(t, [][]any{head, good(1)}, func(f *excelize.File) {
			if err := f.MergeCell("Sheet1", "A2", "B2"); err != nil {
				t.Fatal(err)
			}
		}), "import.merged"},
		"unknown column":       {workbook(t, [][]any{append(append([]any{}, head...), "颜色"), good(1)}, nil), "import.column-unknown"},
		"column twice":         {workbook(t, [][]any{append(append([]any{}, head...), "电话"), good(1)}, nil), "import.column-twice"},
		"column missing":       {workbook(t, [][]any{head[1:], good(1)[1:]}, nil), "import.column-missing"},
		"head only":            {workbook(t, [][]any{head}, nil), "import.no-rows"},
		"too many rows":        {workbook(t, many, nil), "import.too-many"},
		"gb18030, cut columns": {gb, "import.column-missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := roster.Read(roster.Companies, c.content, w)
			if got := fileKey(err); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestDefects plants one defect of every kind in a spreadsheet and finds it at its
// cell.
func TestDefects(t *testing.T) {
	db := pgtest.Open(t)
	s := store(t, db)
	wrong := []byte(licence(3))
	wrong[17] = map[bool]byte{true: '1', false: '0'}[wrong[17] == '0']
	rows := [][]any{head, good(0)}
	want := map[int]string{}
	plant := func(row []any, column, key string) {
		rows = append(rows, row)
		want[len(rows)] = column + " " + key
	}
	plant(with(1, 0, ""), "licence", "import.missing")
	plant(with(2, 1, ""), "name_zh", "import.missing")
	plant(with(3, 0, string(wrong)), "licence", "company.licence-wrong")
	plant(with(4, 0, "91230"), "licence", "company.licence-wrong")
	plant(with(5, 0, "9.12311600000001E+17"), "licence", "import.number")
	plant(with(0, 1, "另一家"), "licence", "import.twice")
	plant(with(6, 2, "火星"), "origin", "import.word-unknown")
	plant(with(7, 3, "魔法"), "sector", "import.word-unknown")
	plant(with(8, 4, "G7"), "rater_group", "import.word-unknown")
	plant(with(9, 5, "一二三四五六"), "phone", "org.phone-form")
	plant(with(10, 6, "a(at)b"), "email", "org.email-form")
	plant(with(11, 7, "Z99"), "contact_unit", "import.unit-unknown")
	plant(with(12, 8, "也许"), "member", "import.word-unknown")
	plant(with(13, 1, strings.Repeat("长", org.MaxName+1)), "name_zh", "text.long")
	plant(with(14, 1, "两\n行"), "name_zh", "import.line-break")
	plant(with(15, 1, "铃\u0007声"), "name_zh", "import.control")
	plant(with(16, 1, "#N/A"), "name_zh", "import.error-value")
	plant(with(17, 1, "公式"), "name_zh", "import.formula")
	formulaRow := len(rows)
	content := workbook(t, rows, func(f *excelize.File) {
		if err := f.SetCellFormula("Sheet1", fmt.Sprintf("B%d", formulaRow), "CONCAT(\"a\",\"b\")"); err != nil {
			t.Fatal(err)
		}
	})
	read, err := roster.Read(roster.Companies, content, words(t))
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Check(context.Background(), operator, roster.Companies, read, quiet)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range r.Lines {
		got := ""
		for _, d := range l.Defects {
			got += d.Column + " " + d.Text.Key
		}
		if got != want[l.No] {
			t.Errorf("row %d: got %q, want %q", l.No, got, want[l.No])
		}
	}
	if r.Count[roster.Bad] != len(want) || r.Count[roster.New] != 1 || r.Ready() {
		t.Errorf("counts %v", r.Count)
	}
	if _, err := s.Write(context.Background(), operator, roster.Companies, read, r.Mark, quiet); !errors.Is(err, roster.ErrNotReady) {
		t.Errorf("a file with defects was written: %v", err)
	}
	var n int
	if err := db.Get(&n, `SELECT count(*) FROM companies`); err != nil || n != 0 {
		t.Errorf("%d companies after a refused import (%v)", n, err)
	}
}

func store(t testing.TB, db *sqlx.DB) *roster.Store {
	t.Helper()
	if _, err := db.Exec(`INSERT INTO accounts (login, name, role, body_id, created_at) SELECT 'operator', '运维', 'operator', id, now() FROM bodies WHERE kind = 'operator'`); err != nil {
		t.Fatal(err)
	}
	return roster.NewStore(db, func() time.Time { return time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) })
}

// TestWholeLife: units, companies and contacts come in from csv; the same file
// again changes nothing; a changed file changes what it says and no more; data
// that changed after the dry run stops the writing.
func TestWholeLife(t *testing.T) {
	ctx, db, w := context.Background(), pgtest.Open(t), words(t)
	s := store(t, db)
	check := func(kind roster.Kind, csv string) ([]roster.Row, roster.Report) {
		t.Helper()
		rows, err := roster.Read(kind, []byte(csv), w)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Check(ctx, operator, kind, rows, quiet)
		if err != nil {
			t.Fatal(err)
		}
		return rows, r
	}
	write := func(kind roster.Kind, csv string) roster.Report {
		t.Helper()
		rows, r := check(kind, csv)
		if !r.Ready() {
			t.Fatalf("not ready: %v %+v", r.Count, r.Lines)
		}
		if _, err := s.Write(ctx, operator, kind, rows, r.Mark, quiet); err != nil {
			t.Fatal(err)
		}
		return r
	}
	units := "单位代码,类别,中文名称,英文名称,俄文名称,负责人,上级单位代码\nD01,审批与涉企服务,县发改局,Reform Bureau,Управление реформ,张某,\nD02,2,县公安局,Police,Полиция,,D01\n"
	if r := write(roster.Units, units); r.Count[roster.New] != 2 {
		t.Errorf("units: %v", r.Count)
	}
	companies := fmt.Sprintf("Licence number,Name in Chinese,Origin,Sector,Rater group,Contact unit's code,Member of the chamber\n%s,甲公司,Russia,Trade,G1,D02,yes\n%s,乙公司,Russia,Trade,,,no\n", licence(1), licence(2))
	companies = strings.Replace(companies, "Contact unit's code", "Contact unit’s code", 1)
	companies = strings.ReplaceAll(strings.ReplaceAll(companies, "Russia", "russia"), "Trade", "trade")
	write(roster.Companies, companies)
	if _, r := check(roster.Companies, companies); r.Count[roster.Same] != 2 || r.Ready() {
		t.Errorf("the same file again: %v", r.Count)
	}
	contacts := fmt.Sprintf("licence;name;login;phone\n%s;王某;wang.li;13800000000\n%s;李某;Li.Si;\n", licence(1), licence(2))
	write(roster.Contacts, contacts)
	var raters int
	if err := db.Get(&raters, `SELECT count(*) FROM company_raters`); err != nil || raters != 2 {
		t.Errorf("%d companies have somebody who answers for the appraisal (%v)", raters, err)
	}
	// A file that leaves out columns leaves them alone.
	r := write(roster.Companies, fmt.Sprintf("licence,name_zh,origin,sector\n%s,甲集团,russia,trade\n", licence(1)))
	if len(r.Lines[0].Changes) != 1 || r.Lines[0].Changes[0] != "name_zh" {
		t.Errorf("changes %v", r.Lines[0].Changes)
	}
	var got struct {
		Name   string `db:"name_zh"`
		Group  string `db:"rater_group"`
		Unit   string `db:"unit"`
		Member bool   `db:"member"`
	}
	const q = `SELECT c.name_zh, c.rater_group, u.code AS unit, EXISTS (SELECT FROM chamber_members m WHERE m.company_id = c.id AND m.until_on IS NULL) AS member
		FROM companies c JOIN units u ON u.id = c.contact_unit_id WHERE c.licence = $1`
	if err := db.Get(&got, q, licence(1)); err != nil || got.Name != "甲集团" || got.Group != "G1" || got.Unit != "D02" || !got.Member {
		t.Errorf("got %+v (%v)", got, err)
	}
	rows, old := check(roster.Units, strings.Replace(units, "县发改局", "县发展改革局", 1))
	if _, err := db.Exec(`UPDATE units SET name_zh = '改过的' WHERE code = 'D01'`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(ctx, operator, roster.Units, rows, old.Mark, quiet); !errors.Is(err, roster.ErrChanged) {
		t.Errorf("written over a change: %v", err)
	}
	// Two persons cannot share a login across companies.
	if _, r := check(roster.Contacts, fmt.Sprintf("licence,name,login\n%s,他人,wang.li\n", licence(2))); r.Lines[0].Defects[0].Text.Key != "account.login-taken" {
		t.Errorf("defects %+v", r.Lines[0].Defects)
	}
}

func TestWhoMayImport(t *testing.T) {
	office := org.Actor{Account: 2, Role: org.RoleReceiver, Kind: org.BodyPartyOffice}
	for _, c := range []struct {
		by   org.Actor
		kind roster.Kind
		want bool
	}{
		{operator, roster.Units, true}, {office, roster.Companies, true},
		{org.Actor{Account: 3, Role: org.RoleChamber}, roster.Companies, true}, {org.Actor{Account: 3, Role: org.RoleChamber}, roster.Contacts, true},
		{org.Actor{Account: 3, Role: org.RoleChamber}, roster.Units, false}, {org.Actor{Account: 4, Role: org.RoleHead}, roster.Companies, false},
		{org.Actor{Account: 5, Role: org.RoleCompany}, roster.Contacts, false}, {org.Public, roster.Units, false},
	} {
		if got := c.kind.May(c.by); got != c.want {
			t.Errorf("%s, %s: %v", c.by.Role, c.kind, got)
		}
		if !c.want {
			s := roster.NewStore(nil, time.Now)
			if _, err := s.Check(context.Background(), c.by, c.kind, nil, quiet); !errors.Is(err, fault.ErrForbidden) {
				t.Errorf("%s may check %s: %v", c.by.Role, c.kind, err)
			}
		}
	}
}

// FuzzRead: whatever is uploaded, reading ends with rows or with a fault.
func FuzzRead(f *testing.F) {
	w := words(f)
	f.Add([]byte("licence,name_zh,origin,sector\n1,2,3,4\n"))
	f.Add([]byte("\xef\xbb\xbf单位代码;类别\n\"D01\";1\n"))
	f.Add(workbook(f, [][]any{head, good(1)}, nil))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, kind := range roster.Kinds {
			rows, err := roster.Read(kind, content, w)
			if err != nil && fault.Of(err) == nil {
				t.Fatalf("%v is not for a user to read", err)
			}
			if err == nil && (len(rows) == 0 || len(rows) > roster.MaxRows) {
				t.Fatalf("%d rows", len(rows))
			}
		}
	})
}

func BenchmarkImport5000(b *testing.B) {
	ctx, db, w := context.Background(), pgtest.Open(b), words(b)
	s := store(b, db)
	n := 0
	for b.Loop() {
		rows := [][]any{head}
		for range roster.MaxRows {
			rows = append(rows, good(n))
			n++
		}
		b.StopTimer()
		content := workbook(b, rows, nil)
		b.StartTimer()
		read, err := roster.Read(roster.Companies, content, w)
		if err != nil {
			b.Fatal(err)
		}
		r, err := s.Check(ctx, operator, roster.Companies, read, quiet)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Write(ctx, operator, roster.Companies, read, r.Mark, quiet); err != nil {
			b.Fatal(err)
		}
	}
}
