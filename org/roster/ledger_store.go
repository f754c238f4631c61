package roster

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/ledger"
)

// ledgerKnown is what rows of the ledger refer to.
type ledgerKnown struct {
	areas, classes map[string]string // folded name or code → code
	places         ledger.Places
	kinds          map[string]string // number of a contract → its kind; "ended" when it has ended
}

// ledgerOnRecord reads it, for the kinds of the ledger alone.
func ledgerOnRecord(ctx context.Context, tx *sqlx.Tx, kind Kind, rows []Row) (ledgerKnown, error) {
	k := ledgerKnown{areas: map[string]string{}, classes: map[string]string{}, kinds: map[string]string{}}
	if kind != Contracts && kind != Arrivals {
		return k, nil
	}
	for _, x := range []struct {
		table string
		out   map[string]string
		all   *[]ledger.Place
	}{{"ledger_areas", k.areas, &k.places.Areas}, {"ledger_classes", k.classes, &k.places.Classes}} {
		if err := tx.SelectContext(ctx, x.all, `SELECT code, name_zh, name_en, name_ru FROM `+x.table); err != nil {
			return k, fmt.Errorf("read %s: %w", x.table, err)
		}
		for _, p := range *x.all {
			for _, name := range []string{p.Code, p.ZH, p.EN, p.RU} {
				x.out[Fold(name)] = p.Code
			}
		}
	}
	var numbers []string
	for _, r := range rows {
		numbers = append(numbers, r.Cells["no"])
	}
	var found []struct {
		No   string `db:"no"`
		Kind string `db:"kind"`
	}
	const q = `SELECT no, CASE WHEN ended_on IS NULL THEN kind ELSE 'ended' END AS kind FROM contracts WHERE no = ANY($1)`
	if err := tx.SelectContext(ctx, &found, q, pq.Array(numbers)); err != nil {
		return k, fmt.Errorf("read contracts: %w", err)
	}
	for _, f := range found {
		k.kinds[f.No] = f.Kind
	}
	return k, nil
}

var slashed = regexp.MustCompile(`^([0-9]{4})[/.年]([0-9]{1,2})[/.月]([0-9]{1,2})日?$`)

// coded writes areas, classes, days and amounts as the ledger keeps them, so that a
// row is compared with what is on record and not with how it was typed.
func (k ledgerKnown) coded(cells map[string]string) map[string]string {
	if len(k.areas) == 0 { // not a kind of the ledger
		return cells
	}
	for column, codes := range map[string]map[string]string{"area": k.areas, "ledger_class": k.classes} {
		if code, ok := codes[Fold(cells[column])]; ok && cells[column] != "" {
			cells[column] = code
		}
	}
	for _, column := range []string{"agreed", "signed", "arrived"} {
		if m := slashed.FindStringSubmatch(cells[column]); m != nil {
			cells[column] = fmt.Sprintf("%s-%02s-%02s", m[1], m[2], m[3])
		}
	}
	if a, ok := ledger.ParseAmount(cells["amount"]); ok {
		cells["amount"] = a.String()
	}
	return cells
}

// check holds a row of the ledger against the ledger's own rules.
func (k ledgerKnown) check(kind Kind, cells map[string]string, all known, add func(column, key string, args ...any)) fault.Fields {
	const farAhead = calendar.Date("9999-12-31") // the form checks days against today; a file may come from a plan
	if kind == Arrivals {
		_, f := ledger.ArrivalDraft{Kind: cells["arrival_kind"], On: cells["arrived"], Amount: cells["amount"], Voucher: cells["voucher"], Verifier: cells["verifier"]}.Check(farAhead)
		switch k.kinds[cells["no"]] {
		case "":
			add("no", "import.contract-unknown")
		case ledger.Signed:
		default:
			add("no", "ledger.ended")
		}
		if old, had := all.rows[cells["voucher"]]; had && old["no"] != cells["no"] {
			add("voucher", "ledger.voucher-taken")
		}
		return renamed(f, map[string]string{"on": "arrived", "kind": "arrival_kind"})
	}
	d := ledger.ContractDraft{No: cells["no"], Kind: cells["ledger_kind"], Purpose: cells["purpose"], Title: cells["title"], Investor: cells["investor"], Area: cells["area"], Class: cells["ledger_class"],
		Amount: cells["amount"], Currency: cells["currency"], Agreed: cells["agreed"], Signed: cells["signed"], Source: cells["source"]}
	_, f := d.Check(k.places, farAhead)
	if u := cells["contact_unit"]; u != "" && !all.units[u] {
		add("contact_unit", "import.unit-unknown", "Code", u)
	}
	if old, had := all.rows[cells["no"]]; had {
		switch {
		case old["ledger_kind"] == ledger.Signed && (cells["ledger_kind"] != ledger.Signed || cells["signed"] != old["signed"]):
			add("ledger_kind", "ledger.only-forward")
		case old["agreed"] != "" && cells["agreed"] != old["agreed"]:
			add("agreed", "ledger.only-forward")
		}
	}
	return renamed(f, map[string]string{"kind": "ledger_kind", "class": "ledger_class"})
}

func renamed(f fault.Fields, names map[string]string) fault.Fields {
	for from, to := range names {
		if t, ok := f[from]; ok {
			delete(f, from)
			f[to] = t
		}
	}
	return f
}

const contractsOnRecord = `SELECT c.no, c.kind AS ledger_kind, c.purpose, c.title, c.investor, c.area, c.class AS ledger_class, c.amount::text AS amount, c.currency,
		coalesce(to_char(c.agreed_on, 'YYYY-MM-DD'), '') AS agreed, coalesce(to_char(c.signed_on, 'YYYY-MM-DD'), '') AS signed, coalesce(u.code, '') AS contact_unit, c.source
		FROM contracts c LEFT JOIN units u ON u.id = c.unit_id WHERE c.no = ANY($1)`

const arrivalsOnRecord = `SELECT c.no, a.voucher, a.kind AS arrival_kind, to_char(a.arrived_on, 'YYYY-MM-DD') AS arrived, a.amount::text AS amount, a.verified_by AS verifier
		FROM arrivals a JOIN contracts c ON c.id = a.contract_id WHERE a.struck_at IS NULL AND a.voucher = ANY($1)`

var contractStatements = []statement{{"contracts", `INSERT INTO contracts (no, kind, purpose, title, investor, area, class, amount, currency, agreed_on, signed_on, unit_id, source, entered_at)
		SELECT r.no, r.kind, r.purpose, r.title, r.investor, r.area, r.class, r.amount::numeric, r.currency, nullif(r.agreed, '')::date, nullif(r.signed, '')::date, u.id, r.source, $14
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
			AS r (no, kind, purpose, title, investor, area, class, amount, currency, agreed, signed, unit, source) LEFT JOIN units u ON u.code = r.unit
		ON CONFLICT (no) DO UPDATE SET kind = excluded.kind, purpose = excluded.purpose, title = excluded.title, investor = excluded.investor, area = excluded.area, class = excluded.class,
			amount = excluded.amount, currency = excluded.currency, agreed_on = excluded.agreed_on, signed_on = excluded.signed_on, unit_id = excluded.unit_id, source = excluded.source`,
	strings.Fields("no ledger_kind purpose title investor area ledger_class amount currency agreed signed contact_unit source @now")}}

var arrivalStatements = []statement{{"arrivals", `INSERT INTO arrivals (contract_id, voucher, kind, arrived_on, amount, verified_by, entered_at)
		SELECT c.id, r.voucher, r.kind, r.arrived::date, r.amount::numeric, r.verifier, $7
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS r (no, voucher, kind, arrived, amount, verifier) JOIN contracts c ON c.no = r.no
		ON CONFLICT (contract_id, voucher) DO UPDATE SET kind = excluded.kind, arrived_on = excluded.arrived_on, amount = excluded.amount, verified_by = excluded.verified_by`,
	strings.Fields("no voucher arrival_kind arrived amount verifier @now")}}
