package server

// passingObjects are the path parameters of cases, duties and what lies beside them.
func (u *person) passingObjects(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string {
	const mine = `SELECT c.ref FROM passing_cases c JOIN passing_units p ON p.case_id = c.id WHERE p.unit_id `
	return map[string]map[string]string{
		":finding": pick(val(mine+`= $1 LIMIT 1`, u.actor.Unit), val(mine+`<> $1 LIMIT 1`, u.actor.Unit), "TW-1999-001"),
		":duty":    pick(val(`SELECT max(id) FROM duties`), val(`SELECT min(id) FROM duties`), "987654"),
		":gap":     pick("987655", "987656", "987654"),
	}
}
