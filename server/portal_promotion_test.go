package server

// promotionObjects are the path parameters of referrals and promotion.
func (u *person) promotionObjects(val func(q string, args ...any) string, pick func(own, any, absent string) map[string]string) map[string]map[string]string {
	return map[string]map[string]string{
		":referral": pick(val(`SELECT id FROM referrals WHERE state = 'named' LIMIT 1`), val(`SELECT id FROM referrals WHERE state = 'verified' LIMIT 1`), "987654"),
	}
}
