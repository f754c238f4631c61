package server

// meetingObjects are the path parameters of projects and meetings.
func (u *person) meetingObjects(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string {
	return map[string]map[string]string{
		":project": pick(val(`SELECT min(id) FROM projects`), val(`SELECT max(id) FROM projects`), "987654"),
	}
}
