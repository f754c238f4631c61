package server

// sheetObjects are the path parameters of rectifications and what lies beside them.
func (u *person) sheetObjects(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string {
	const of = `SELECT r.ref FROM rectifications r JOIN sheets sh ON sh.id = r.sheet_id JOIN visits v ON v.id = sh.visit_id `
	return map[string]map[string]string{
		":wrong":   pick(val(`SELECT r.ref FROM false_records r JOIN visits v ON v.id = r.visit_id WHERE $1 = 0 OR v.unit_id = $1 LIMIT 1`, u.actor.Unit), val(`SELECT r.ref FROM false_records r JOIN visits v ON v.id = r.visit_id WHERE v.unit_id <> $1 LIMIT 1`, u.actor.Unit), "XJ-1999-001"),
		":rectify": pick(val(of+`WHERE $1 = 0 OR v.unit_id = $1 AND r.handed_at IS NOT NULL ORDER BY r.id DESC LIMIT 1`, u.actor.Unit), val(of+`WHERE v.unit_id <> $1 OR r.handed_at IS NULL ORDER BY r.id DESC LIMIT 1`, u.actor.Unit), "ZG-1999-0001"),
		":general": pick(val(`SELECT ref FROM rectification_notices WHERE $1 = 0 OR unit_id = $1 LIMIT 1`, u.actor.Unit), val(`SELECT ref FROM rectification_notices WHERE unit_id <> $1 LIMIT 1`, u.actor.Unit), "TZ-1999-001"),
	}
}
