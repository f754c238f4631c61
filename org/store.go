package org

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jmoiron/sqlx"

	"pingyi/fault"
)

// Store keeps who takes part.
type Store struct {
	db     *sqlx.DB
	now    func() time.Time
	secret []byte
	hashes argon2id.Params
	work   chan struct{} // at most so many passwords are hashed at once
	pause  func(context.Context, time.Duration) error
	// Delegated, where set, tells whom it concerns of a delegation made or taken back, in
	// the act's own transaction: telling people stands above this package.
	Delegated func(ctx context.Context, tx *sqlx.Tx, d Delegation) error
	dummy     string // hashed when there is no account, so that time tells nothing
}

// Hashing says how hard passwords are to guess.
type Hashing struct {
	MemoryKiB  uint32
	Iterations uint32
}

// Hard is the setting for real passwords; Quick is for tests and demo data.
var (
	Hard  = Hashing{MemoryKiB: 64 << 10, Iterations: 3}
	Quick = Hashing{MemoryKiB: 64, Iterations: 1}
)

// NewStore returns a store over db. secret keys the hashes of sign-in counters.
func NewStore(db *sqlx.DB, now func() time.Time, secret []byte, h Hashing) *Store {
	s := &Store{db: db, now: now, secret: secret, work: make(chan struct{}, 2), pause: pauseFor,
		hashes: argon2id.Params{Memory: h.MemoryKiB, Iterations: h.Iterations, Parallelism: 1, SaltLength: 16, KeyLength: 32}}
	s.dummy, _ = argon2id.CreateHash("nobody's password", &s.hashes)
	return s
}

// keyed returns a hash that names nobody to who lacks the secret.
func (s *Store) keyed(parts ...string) []byte {
	mac := hmac.New(sha256.New, s.secret)
	for _, p := range parts {
		mac.Write([]byte(p))
		mac.Write([]byte{0})
	}
	return mac.Sum(nil)
}

// Keeps reports whether the actor keeps the master data: units, companies, people.
func Keeps(a Actor) bool { return mayManage(a) }

func mayManage(a Actor) bool {
	return a.Is(RoleOperator, RoleCampaignAdmin) || a.IsOffice()
}

func manage(a Actor) error {
	if !mayManage(a) {
		return fault.ErrForbidden
	}
	return nil
}
