package server

// promotionObjects are the path parameters of referrals and promotion.
func (u *person) promotionObjects(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string {
	return map[string]map[string]string{
		":referral": pick(val(`SELECT id FROM referrals WHERE state = 'named' LIMIT 1`), val(`SELECT id FROM referrals WHERE state = 'verified' LIMIT 1`), "987654"),
		":lead":     pick(val(`SELECT min(id) FROM leads`), val(`SELECT max(id) FROM leads`), "987654"),
		":activity": pick(val(`SELECT activity_id FROM activity_guests WHERE company_id = $1 LIMIT 1`, u.actor.Company), val(`SELECT min(id) FROM activities`), "987654"),
	}
}
