package server

// intakeObjects are the path parameters of what comes in beside issues.
func (u *person) intakeObjects(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string {
	const q = `SELECT ref FROM suggestions WHERE (company_id = $1 OR unit_id = $2) = $3 LIMIT 1`
	return map[string]map[string]string{
		":check":  pick(val(`SELECT ref FROM checks WHERE unit_id = $1 LIMIT 1`, u.actor.Unit), val(`SELECT ref FROM checks WHERE unit_id <> $1 LIMIT 1`, u.actor.Unit), "DC-1999-001"),
		":policy": pick(val(`SELECT min(ref) FROM policies`), val(`SELECT max(ref) FROM policies`), "YH-1999-001"),
		":onestop": pick(val(`SELECT ref FROM onestop_cases x WHERE company_id = $1 OR lead_unit_id = $2 OR EXISTS (SELECT FROM onestop_steps s WHERE s.case_id = x.id AND s.unit_id = $2) LIMIT 1`, u.actor.Company, u.actor.Unit),
			val(`SELECT ref FROM onestop_cases x WHERE company_id <> $1 AND lead_unit_id IS DISTINCT FROM $2 AND NOT EXISTS (SELECT FROM onestop_steps s WHERE s.case_id = x.id AND s.unit_id = $2) LIMIT 1`, u.actor.Company, u.actor.Unit), "YZ-1999-001"),
		":suggestion": pick(val(q, u.actor.Company, u.actor.Unit, true), val(`SELECT ref FROM suggestions WHERE company_id <> $1 AND unit_id IS DISTINCT FROM $2 LIMIT 1`, u.actor.Company, u.actor.Unit), "JY-1999-001"),
		":promise": pick(val(`SELECT ref FROM promises WHERE company_id = $1 OR unit_id = $2 LIMIT 1`, u.actor.Company, u.actor.Unit),
			val(`SELECT ref FROM promises WHERE company_id <> $1 AND unit_id <> $2 LIMIT 1`, u.actor.Company, u.actor.Unit), "CN-1999-001"),
	}
}
