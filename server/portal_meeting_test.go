package server

// meetingObjects are the path parameters of projects and meetings.
func (u *person) meetingObjects(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string {
	return map[string]map[string]string{
		":project":  pick(val(`SELECT min(id) FROM projects`), val(`SELECT max(id) FROM projects`), "987654"),
		":planned":  pick(val(`SELECT min(id) FROM visits WHERE unit_id = $1 AND visited_on IS NULL`, u.actor.Unit), val(`SELECT max(id) FROM visits WHERE visited_on IS NULL AND unit_id <> $1`, u.actor.Unit), "987654"),
		":group":    pick(val(`SELECT min(group_id) FROM sponsor_members WHERE unit_id = $1`, u.actor.Unit), val(`SELECT max(id) FROM sponsor_groups g WHERE NOT EXISTS (SELECT FROM sponsor_members WHERE group_id = g.id AND unit_id = $1)`, u.actor.Unit), "987654"),
		":meeting":  pick(val(`SELECT min(id) FROM meetings`), val(`SELECT max(id) FROM meetings`), "987654"),
		":item":     pick(val(`SELECT min(id) FROM meeting_items WHERE meeting_id = (SELECT min(id) FROM meetings)`), val(`SELECT max(id) FROM meeting_items`), "987654"),
		":matter":   pick(val(`SELECT id FROM decisions WHERE lead_unit_id = $1 LIMIT 1`, u.actor.Unit), val(`SELECT id FROM decisions WHERE lead_unit_id <> $1 LIMIT 1`, u.actor.Unit), "987654"),
		":pack":     pick(val(`SELECT min(id) FROM meeting_packs`), val(`SELECT max(id) FROM meeting_packs`), "987654"),
		":bulletin": pick(val(`SELECT id FROM bulletins WHERE audience = 'public' AND state = 'published' LIMIT 1`), val(`SELECT id FROM bulletins WHERE state = 'draft' LIMIT 1`), "987654"),
	}
}
