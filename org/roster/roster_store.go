package roster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/record"
)

// Store compares rows with what is on record and writes them.
type Store struct {
	db  *sqlx.DB
	now func() time.Time
}

// NewStore makes a store. now gives the present in UTC.
func NewStore(db *sqlx.DB, now func() time.Time) *Store { return &Store{db: db, now: now} }

// ErrChanged: the data changed between the dry run and the writing.
var ErrChanged = fault.New(fault.Conflict, "import.changed")

// ErrNotReady: there are defects, or nothing would change.
var ErrNotReady = fault.New(fault.Conflict, "import.not-ready")

// Progress is told how far a step has come; done and total count rows.
type Progress func(step string, done, total int)

// Check compares the rows with what is on record and changes nothing.
func (s *Store) Check(ctx context.Context, by org.Actor, kind Kind, rows []Row, progress Progress) (Report, error) {
	if !kind.May(by) {
		return Report{}, fault.ErrForbidden
	}
	var r Report
	err := postgres.InSnapshot(ctx, s.db, func(tx *sqlx.Tx) error {
		known, err := onRecord(ctx, tx, kind, rows)
		if err != nil {
			return err
		}
		r = compare(kind, rows, known, progress)
		return nil
	})
	return r, err
}

// Write brings the rows in, all of them or none. mark is that of the dry run the
// person has seen: if anything the rows are compared with has changed since, the
// error is ErrChanged and nothing is written.
func (s *Store) Write(ctx context.Context, by org.Actor, kind Kind, rows []Row, mark string, progress Progress) (Report, error) {
	if !kind.May(by) {
		return Report{}, fault.ErrForbidden
	}
	var r Report
	err := postgres.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		// Nobody adds or changes a row between the comparison and the writing.
		if _, err := tx.ExecContext(ctx, `LOCK TABLE units, companies, accounts, contracts, arrivals IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return fmt.Errorf("lock the master data: %w", err)
		}
		known, err := onRecord(ctx, tx, kind, rows)
		if err != nil {
			return err
		}
		r = compare(kind, rows, known, func(string, int, int) {})
		if r.Mark != mark {
			return ErrChanged
		}
		if !r.Ready() {
			return ErrNotReady
		}
		progress("write", 0, r.Total())
		if err := s.write(ctx, tx, by, kind, merged(kind, rows, r, known)); err != nil {
			return err
		}
		progress("write", r.Total(), r.Total())
		return record.Append(ctx, tx, by, "import."+string(kind), "import:"+r.Mark[:12], map[string]any{"new": r.Count[New], "changed": r.Count[Changed]})
	})
	return r, err
}

// known is what is on record: rows by key, and what rows may refer to.
type known struct {
	rows      map[string]map[string]string // key → column → value
	units     map[string]bool              // codes
	companies map[string]bool              // licences
	ledger    ledgerKnown
}

func onRecord(ctx context.Context, tx *sqlx.Tx, kind Kind, rows []Row) (known, error) {
	k := known{rows: map[string]map[string]string{}, units: map[string]bool{}, companies: map[string]bool{}}
	var codes []string
	if err := tx.SelectContext(ctx, &codes, `SELECT code FROM units`); err != nil {
		return k, fmt.Errorf("read unit codes: %w", err)
	}
	for _, c := range codes {
		k.units[c] = true
	}
	var err error
	if k.ledger, err = ledgerOnRecord(ctx, tx, kind, rows); err != nil {
		return k, err
	}
	keys := make([]string, 0, len(rows))
	licences := make([]string, 0, len(rows))
	for _, r := range rows {
		c := normal(kind, r.Cells)
		keys, licences = append(keys, c[kind.Key()]), append(licences, c["licence"])
	}
	if kind == Contacts {
		var have []string
		if err := tx.SelectContext(ctx, &have, `SELECT licence FROM companies WHERE licence = ANY($1)`, pq.Array(licences)); err != nil {
			return k, fmt.Errorf("read companies: %w", err)
		}
		for _, l := range have {
			k.companies[l] = true
		}
	}
	found, err := tx.QueryxContext(ctx, recordQuery[kind], pq.Array(keys))
	if err != nil {
		return k, fmt.Errorf("read what is on record: %w", err)
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		values := map[string]any{}
		if err := found.MapScan(values); err != nil {
			return k, fmt.Errorf("read what is on record: %w", err)
		}
		row := make(map[string]string, len(values))
		for name, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			row[name] = fmt.Sprint(v)
		}
		k.rows[row[kind.Key()]] = row
	}
	return k, found.Err()
}

var recordQuery = map[Kind]string{
	Units: `SELECT u.code, u.class::text AS class, u.name_zh, u.name_en, u.name_ru, u.short_zh, u.duties_zh, u.duties_en, u.duties_ru, u.window_zh,
		coalesce(h.name, '') AS head, coalesce(s.code, '') AS superior
		FROM units u LEFT JOIN unit_heads h ON h.unit_id = u.id AND h.until_on IS NULL LEFT JOIN units s ON s.id = u.superior_id WHERE u.code = ANY($1)`,
	Companies: `SELECT c.licence, c.name_zh, c.name_en, c.name_ru, c.origin, c.sector, c.rater_group, c.township, c.head_name AS head, c.phone, c.email,
		coalesce(u.code, '') AS contact_unit,
		CASE WHEN EXISTS (SELECT FROM chamber_members m WHERE m.company_id = c.id AND m.until_on IS NULL) THEN 'yes' ELSE 'no' END AS member
		FROM companies c LEFT JOIN units u ON u.id = c.contact_unit_id WHERE c.licence = ANY($1)`,
	Contacts: `SELECT a.login, a.name, a.phone, a.email, a.lang, coalesce(c.licence, '') AS licence
		FROM accounts a LEFT JOIN companies c ON c.id = a.company_id WHERE a.login = ANY($1)`,
	Contracts: contractsOnRecord,
	Arrivals:  arrivalsOnRecord,
}

// merged returns the rows to write, each with all columns: what the file does not
// say stays as it is on record.
func merged(kind Kind, rows []Row, r Report, k known) []map[string]string {
	var out []map[string]string
	for i, row := range rows {
		if r.Lines[i].Status != New && r.Lines[i].Status != Changed {
			continue
		}
		full := map[string]string{}
		for _, c := range kind.Columns() {
			full[c.Code] = ""
		}
		maps.Copy(full, k.rows[r.Lines[i].Key])
		maps.Copy(full, k.ledger.coded(normal(kind, row.Cells)))
		out = append(out, full)
	}
	return out
}

func column(rows []map[string]string, name string) any {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r[name]
	}
	return pq.Array(out)
}

func (s *Store) write(ctx context.Context, tx *sqlx.Tx, by org.Actor, kind Kind, rows []map[string]string) error {
	today := string(calendar.DateOf(s.now()))
	for _, st := range statements[kind] {
		var args []any
		for _, name := range st.columns {
			switch name {
			case "@now":
				args = append(args, s.now())
			case "@today":
				args = append(args, today)
			default:
				args = append(args, column(rows, name))
			}
		}
		if _, err := tx.ExecContext(ctx, st.sql, args...); err != nil {
			return fmt.Errorf("write %s: %s: %w", kind, st.what, err)
		}
	}
	return nil
}

type statement struct {
	what, sql string
	columns   []string
}

// statements write all rows of a kind, a set at a time.
var statements = map[Kind][]statement{
	Contracts: contractStatements,
	Arrivals:  arrivalStatements,
	Units: {
		{"units", `INSERT INTO units (code, class, name_zh, name_en, name_ru, short_zh, duties_zh, duties_en, duties_ru, window_zh)
			SELECT code, class::smallint, name_zh, name_en, name_ru, short_zh, duties_zh, duties_en, duties_ru, window_zh
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
				AS r (code, class, name_zh, name_en, name_ru, short_zh, duties_zh, duties_en, duties_ru, window_zh)
			ON CONFLICT (code) DO UPDATE SET class = excluded.class, name_zh = excluded.name_zh, name_en = excluded.name_en, name_ru = excluded.name_ru,
				short_zh = excluded.short_zh, duties_zh = excluded.duties_zh, duties_en = excluded.duties_en, duties_ru = excluded.duties_ru, window_zh = excluded.window_zh`,
			[]string{"code", "class", "name_zh", "name_en", "name_ru", "short_zh", "duties_zh", "duties_en", "duties_ru", "window_zh"}},
		{"superiors", `UPDATE units u SET superior_id = s.id FROM unnest($1::text[], $2::text[]) AS r (code, superior) LEFT JOIN units s ON s.code = r.superior WHERE u.code = r.code`,
			[]string{"code", "superior"}},
		{"heads who leave", `UPDATE unit_heads h SET until_on = greatest(h.from_on, $3::date) FROM unnest($1::text[], $2::text[]) AS r (code, head) JOIN units u ON u.code = r.code
			WHERE h.unit_id = u.id AND h.until_on IS NULL AND h.name <> r.head`, []string{"code", "head", "@today"}},
		{"heads who come", `INSERT INTO unit_heads (unit_id, name, from_on) SELECT u.id, r.head, $3::date FROM unnest($1::text[], $2::text[]) AS r (code, head) JOIN units u ON u.code = r.code
			WHERE r.head <> '' AND NOT EXISTS (SELECT FROM unit_heads h WHERE h.unit_id = u.id AND h.until_on IS NULL)`, []string{"code", "head", "@today"}},
	},
	Companies: {
		{"companies", `INSERT INTO companies (licence, name_zh, name_en, name_ru, origin, sector, rater_group, township, head_name, phone, email, contact_unit_id, created_at)
			SELECT r.licence, r.name_zh, r.name_en, r.name_ru, r.origin, r.sector, r.rater_group, r.township, r.head, r.phone, r.email, u.id, $13
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
				AS r (licence, name_zh, name_en, name_ru, origin, sector, rater_group, township, head, phone, email, contact_unit) LEFT JOIN units u ON u.code = r.contact_unit
			ON CONFLICT (licence) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, name_ru = excluded.name_ru, origin = excluded.origin,
				sector = excluded.sector, rater_group = excluded.rater_group, township = excluded.township, head_name = excluded.head_name, phone = excluded.phone,
				email = excluded.email, contact_unit_id = excluded.contact_unit_id`,
			[]string{"licence", "name_zh", "name_en", "name_ru", "origin", "sector", "rater_group", "township", "head", "phone", "email", "contact_unit", "@now"}},
		{"members who leave", `UPDATE chamber_members m SET until_on = $3::date FROM unnest($1::text[], $2::text[]) AS r (licence, member) JOIN companies c ON c.licence = r.licence
			WHERE m.company_id = c.id AND m.until_on IS NULL AND r.member <> 'yes'`, []string{"licence", "member", "@today"}},
		{"members who join", `INSERT INTO chamber_members (company_id, from_on) SELECT c.id, $3::date FROM unnest($1::text[], $2::text[]) AS r (licence, member) JOIN companies c ON c.licence = r.licence
			WHERE r.member = 'yes' AND NOT EXISTS (SELECT FROM chamber_members m WHERE m.company_id = c.id AND m.until_on IS NULL)`, []string{"licence", "member", "@today"}},
	},
	Contacts: {
		{"accounts", `INSERT INTO accounts (login, name, role, company_id, lang, phone, email, created_at)
			SELECT r.login, r.name, 'company', c.id, coalesce(nullif(r.lang, ''), 'zh-CN'), r.phone, r.email, $7
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS r (login, name, licence, lang, phone, email) JOIN companies c ON c.licence = r.licence
			ON CONFLICT (login) DO UPDATE SET name = excluded.name, lang = excluded.lang, phone = excluded.phone, email = excluded.email`,
			[]string{"login", "name", "licence", "lang", "phone", "email", "@now"}},
		{"who answers for the appraisal", `INSERT INTO company_raters (company_id, account_id)
			SELECT DISTINCT ON (a.company_id) a.company_id, a.id FROM unnest($1::text[]) AS r (login) JOIN accounts a ON a.login = r.login ORDER BY a.company_id, a.id
			ON CONFLICT (company_id) DO NOTHING`, []string{"login"}},
	},
}

// compare gives the verdict on every row.
func compare(kind Kind, rows []Row, k known, progress Progress) Report {
	r := Report{Kind: kind, Count: map[Status]int{}, Lines: make([]Line, 0, len(rows))}
	mark := sha256.New()
	first := map[string]int{}
	inFile := map[string]bool{}
	for _, row := range rows {
		inFile[normal(kind, row.Cells)[kind.Key()]] = true
	}
	for i, row := range rows {
		if i%250 == 0 {
			progress("check", i, len(rows))
		}
		cells := k.ledger.coded(normal(kind, row.Cells))
		l := Line{No: row.No, Key: cells[kind.Key()], Name: cells["name_zh"] + cells["name"] + cells["title"], Defects: slices.Clone(row.Defects)}
		l.Defects = append(l.Defects, defects(kind, cells, row.Defects, k, inFile)...)
		if no, twice := first[l.Key]; twice && l.Key != "" {
			l.Defects = append(l.Defects, Defect{Column: kind.Key(), Text: fault.Text{Key: "import.twice", Args: []any{"Row", no}}})
		} else {
			first[l.Key] = row.No
		}
		old, had := k.rows[l.Key]
		for _, c := range kind.Columns() {
			if v, said := cells[c.Code]; said && had && v != old[c.Code] && (c.Code != "lang" || v != "") {
				l.Changes = append(l.Changes, c.Code)
			}
		}
		switch {
		case len(l.Defects) > 0:
			l.Status = Bad
		case !had:
			l.Status = New
		case len(l.Changes) > 0:
			l.Status = Changed
		default:
			l.Status = Same
		}
		r.Count[l.Status]++
		r.Lines = append(r.Lines, l)
		// %q of a map prints it in the order of its keys.
		_, _ = fmt.Fprintf(mark, "%s %q %q\n", l.Status, cells, old)
	}
	progress("check", len(rows), len(rows))
	r.Mark = hex.EncodeToString(mark.Sum(nil))
	return r
}

// normal folds codes, numbers and logins as forms do.
func normal(kind Kind, cells map[string]string) map[string]string {
	out := maps.Clone(cells)
	fold := func(name string, f func(string) string) {
		if v, ok := out[name]; ok {
			out[name] = f(v)
		}
	}
	for _, name := range []string{"licence", "code", "superior", "contact_unit"} {
		fold(name, org.NormalLicence)
	}
	fold("login", org.NormalLogin)
	if v, ok := out["member"]; ok && v == "" {
		out["member"] = "no"
	}
	return out
}

// defects says what the rules of the kind find wrong with a row, beyond what
// reading it found.
func defects(kind Kind, cells map[string]string, found []Defect, k known, inFile map[string]bool) []Defect {
	taken := map[string]bool{}
	for _, d := range found {
		taken[d.Column] = true
	}
	var out []Defect
	add := func(column, key string, args ...any) {
		if !taken[column] {
			taken[column] = true
			out = append(out, Defect{Column: column, Text: fault.Text{Key: key, Args: args}})
		}
	}
	var fields fault.Fields
	switch kind {
	case Units:
		class, _ := strconv.Atoi(cells["class"])
		fields = org.Unit{Code: cells["code"], Class: class, Names: names(cells)}.Check()
		switch sup := cells["superior"]; {
		case sup == "":
		case sup == cells["code"]:
			add("superior", "import.superior-self")
		case !k.units[sup] && !inFile[sup]:
			add("superior", "import.unit-unknown", "Code", sup)
		}
	case Companies:
		fields = org.Company{Licence: cells["licence"], Names: names(cells), Origin: cells["origin"], Sector: cells["sector"], RaterGroup: cells["rater_group"],
			Township: cells["township"], Head: cells["head"], Phone: cells["phone"], Email: cells["email"]}.Check()
		if u := cells["contact_unit"]; u != "" && !k.units[u] {
			add("contact_unit", "import.unit-unknown", "Code", u)
		}
	case Contacts:
		fields = org.Account{Login: cells["login"], Name: cells["name"], Role: org.RoleCompany, Company: 1, Phone: cells["phone"], Email: cells["email"], Lang: "zh-CN"}.Check()
		if l := cells["licence"]; !org.ValidLicence(l) {
			add("licence", "company.licence-wrong")
		} else if !k.companies[l] {
			add("licence", "import.company-unknown")
		}
		if old, had := k.rows[cells["login"]]; had && old["licence"] != cells["licence"] {
			add("login", "account.login-taken")
		}
	case Contracts, Arrivals:
		fields = k.ledger.check(kind, cells, k, add)
	}
	for _, c := range kind.Columns() {
		if t, bad := fields[c.Code]; bad {
			add(c.Code, t.Key, t.Args...)
		}
	}
	return out
}

func names(cells map[string]string) org.Names {
	return org.Names{ZH: cells["name_zh"], EN: cells["name_en"], RU: cells["name_ru"]}
}
