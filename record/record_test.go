package record_test

import (
	"testing"

	"github.com/jmoiron/sqlx"

	"pingyi/org"
	"pingyi/postgres"
	"pingyi/postgres/pgtest"
	"pingyi/record"
)

func TestChainShowsEveryTampering(t *testing.T) {
	for name, q := range map[string]string{
		"nothing":  ``,
		"change":   `UPDATE audit SET action = 'other' WHERE seq = 3`,
		"delete":   `DELETE FROM audit WHERE seq = 3`,
		"swap":     `UPDATE audit SET seq = CASE seq WHEN 3 THEN -4 ELSE 3 END WHERE seq IN (3, 4); UPDATE audit SET seq = 4 WHERE seq = -4`,
		"backdate": `UPDATE audit SET at = at - interval '1 day' WHERE seq = 3`,
	} {
		app, owner := pgtest.OpenBoth(t)
		for range 5 {
			if err := postgres.InTx(t.Context(), app, func(tx *sqlx.Tx) error {
				return record.Append(t.Context(), tx, org.Actor{Role: org.RoleOperator}, "test.act", "thing:1", map[string]any{"b": 1, "a": "甲"})
			}); err != nil {
				t.Fatal(err)
			}
		}
		if q != "" {
			// only the owner can, and only by switching the guards off
			if _, err := app.Exec(q); err == nil {
				t.Errorf("%s: the run-time role may do it", name)
			}
			if _, err := owner.Exec(`ALTER TABLE audit DISABLE TRIGGER USER; ` + q); err != nil {
				t.Fatal(err)
			}
		}
		_, broken, err := record.NewStore(app).Verify(t.Context())
		if err != nil || (broken != 0) != (q != "") {
			t.Errorf("%s: first broken entry %d, %v", name, broken, err)
		}
	}
}
