package county

import (
	"testing"
	"time"

	"pingyi/evaluation/ballotbox"
	"pingyi/org"
	"pingyi/postgres/pgtest"
)

// TestDelegationIsTold: the taker has a message when the chair delegates, and another
// when he takes it back; nobody else has.
func TestDelegationIsTold(t *testing.T) {
	db, owner := pgtest.OpenBoth(t)
	ctx := t.Context()
	now := time.Date(2026, 6, 1, 2, 0, 0, 0, time.UTC)
	s, err := NewStores(ctx, Basis{DB: db, Box: new(ballotbox.Box), Now: func() time.Time { return now }, Secret: pgtest.Secret, Hashing: org.Quick, BaseURL: "http://localhost", Host: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	var group org.BodyID
	if err := owner.Get(&group, `SELECT id FROM bodies WHERE kind = 'leading_group'`); err != nil {
		t.Fatal(err)
	}
	op := org.Actor{Role: org.RoleOperator}
	person := func(login string, post org.Post) org.Actor {
		id, _, err := s.Org.CreateAccount(ctx, op, org.Account{Login: login, Name: login, Role: org.RoleLeader, Body: group})
		if err == nil {
			err = s.Org.Appoint(ctx, op, group, id, post)
		}
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.Org.ActorOf(ctx, login)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	chair, deputy := person("chair", org.PostChair), person("deputy", org.PostDeputy)
	person("member", org.PostMember)
	if err := s.Org.Delegate(ctx, chair, org.DelegationDraft{To: deputy.Account, From: "2026-06-01", Until: "2026-06-05", Reason: "外出招商"}, "delegation-key-01"); err != nil {
		t.Fatal(err)
	}
	all, err := s.Org.Delegations(ctx, chair)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d delegations (%v)", len(all), err)
	}
	if err := s.Org.TakeBack(ctx, chair, all[0].ID); err != nil {
		t.Fatal(err)
	}
	var told []struct {
		Account org.AccountID `db:"account_id"`
		Kind    string        `db:"kind"`
	}
	if err := owner.Select(&told, `SELECT n.account_id, m.kind FROM notices n JOIN messages m ON m.id = n.message_id ORDER BY m.id`); err != nil {
		t.Fatal(err)
	}
	if len(told) != 2 || told[0].Account != deputy.Account || told[0].Kind != "leader-delegated" || told[1].Account != deputy.Account || told[1].Kind != "leader-taken-back" {
		t.Errorf("told: %+v", told)
	}
}
