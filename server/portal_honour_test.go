package server

// honourObjects are the path parameters of commendation.
func (u *person) honourObjects(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string {
	return map[string]map[string]string{
		":candidate": pick(val(`SELECT id FROM honour_candidates WHERE unit_id = $1 LIMIT 1`, u.actor.Unit), val(`SELECT min(id) FROM honour_candidates WHERE unit_id <> $1`, u.actor.Unit), "987654"),
		":interview": pick(val(`SELECT id FROM honour_interviews WHERE unit_id = $1 LIMIT 1`, u.actor.Unit), val(`SELECT min(id) FROM honour_interviews WHERE unit_id <> $1`, u.actor.Unit), "987654"),
		":objection": pick(val(`SELECT min(id) FROM honour_objections`), val(`SELECT max(id) FROM honour_objections`), "987654"),
	}
}
