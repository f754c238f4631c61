// Package tallykey makes the key to which the ballots of a campaign are sealed,
// splits it into printed shares of which any t of n open it, and opens.
//
// The secret is a scalar of Ristretto255, shared after Shamir, "How to share a
// secret", CACM 22 (1979), with Feldman's commitments so that each share can be
// checked by itself; the X25519 key is derived from it. A ballot is sealed as an
// anonymous box of NaCl: whoever seals cannot open.
package tallykey

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"
	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"

	"pingyi/evaluation/printed"
)

var g = group.Ristretto255

// MaxShares is the largest number of holders.
const MaxShares = 9

// Errors of opening.
var (
	ErrShare   = errors.New("the share cannot be read: compare it with the printed sheet")
	ErrForeign = errors.New("the share belongs to another key")
	ErrTwice   = errors.New("the same share was given twice")
	ErrFew     = errors.New("too few shares")
)

// Public is what everybody may know of a key: how to seal to it, how many shares
// open it, and the commitments against which a share is checked.
type Public struct {
	Campaign    int64    `json:"campaign"`
	Seal        []byte   `json:"seal"`        // X25519, 32 bytes
	Threshold   int      `json:"threshold"`   // shares that open
	Count       int      `json:"count"`       // shares made
	Commitments [][]byte `json:"commitments"` // Feldman's, threshold many
}

// Share is one holder's part.
type Share struct {
	Campaign int64
	Number   int // 1 to Count
	key      [8]byte
	value    [32]byte
}

// Make makes a key for a campaign, of which any threshold of count shares open.
func Make(campaign int64, threshold, count int) (Public, []Share, error) {
	if threshold < 2 || threshold > count || count > MaxShares {
		return Public{}, nil, fmt.Errorf("%d of %d shares: between 2 and %d are possible", threshold, count, MaxShares)
	}
	secret := g.RandomNonZeroScalar(rand.Reader)
	split := secretsharing.New(rand.Reader, uint(threshold-1), secret)
	seal, _, err := derive(secret)
	if err != nil {
		return Public{}, nil, err
	}
	p := Public{Campaign: campaign, Seal: seal[:], Threshold: threshold, Count: count}
	for _, c := range split.CommitSecret() {
		b, err := c.MarshalBinaryCompress()
		if err != nil {
			return Public{}, nil, fmt.Errorf("write a commitment: %w", err)
		}
		p.Commitments = append(p.Commitments, b)
	}
	var out []Share
	for i := 1; i <= count; i++ {
		id := g.NewScalar().SetUint64(uint64(i))
		part := split.ShareWithID(id)
		b, err := part.Value.MarshalBinary()
		if err != nil || len(b) != 32 {
			return Public{}, nil, fmt.Errorf("write a share: %v", err)
		}
		s := Share{Campaign: campaign, Number: i, key: p.mark()}
		copy(s.value[:], b)
		out = append(out, s)
	}
	return p, out, nil
}

// mark is a short name of the key: which key a share belongs to.
func (p Public) mark() [8]byte {
	sum := sha256.Sum256(append([]byte("pingyi/tally-key-name/v1"), p.Seal...))
	return [8]byte(sum[:8])
}

// Name is the key's name as people compare it: eleven characters.
func (p Public) Name() string {
	m := p.mark()
	return base64.RawURLEncoding.EncodeToString(m[:])
}

// derive makes the sealing key of a secret.
func derive(secret group.Scalar) (public, private *[32]byte, err error) {
	b, err := secret.MarshalBinary()
	if err != nil {
		return nil, nil, fmt.Errorf("write the secret: %w", err)
	}
	sum := sha256.Sum256(append([]byte("pingyi/tally-key/v1"), b...))
	private = &sum
	pub, err := curve25519.X25519(private[:], curve25519.Basepoint)
	if err != nil {
		return nil, nil, fmt.Errorf("derive the sealing key: %w", err)
	}
	return (*[32]byte)(pub), private, nil
}

// Text writes a share as it is printed: 81 characters in groups of five.
func (s Share) Text() string {
	raw := make([]byte, 0, 48)
	raw = append(raw, byte(s.Number))
	raw = append(raw, s.key[:]...)
	raw = append(raw, byte(s.Campaign>>24), byte(s.Campaign>>16), byte(s.Campaign>>8), byte(s.Campaign))
	raw = append(raw, s.value[:]...)
	return printed.Encode('S', raw)
}

// ParseShare reads a share as typed or scanned; ErrShare when it was mistyped.
func ParseShare(typed string) (Share, error) {
	kind, raw, err := printed.Decode(typed)
	if err != nil || kind != 'S' || len(raw) != 45 || raw[0] < 1 || raw[0] > MaxShares {
		return Share{}, ErrShare
	}
	s := Share{Number: int(raw[0]), Campaign: int64(raw[9])<<24 | int64(raw[10])<<16 | int64(raw[11])<<8 | int64(raw[12])}
	copy(s.key[:], raw[1:9])
	copy(s.value[:], raw[13:])
	return s, nil
}

// part is the share as the library takes it; ErrForeign when it does not lie on
// the polynomial the key is committed to.
func (p Public) part(s Share) (secretsharing.Share, error) {
	if s.key != p.mark() || s.Campaign != p.Campaign {
		return secretsharing.Share{}, ErrForeign
	}
	value := g.NewScalar()
	if err := value.UnmarshalBinary(s.value[:]); err != nil {
		return secretsharing.Share{}, ErrShare
	}
	part := secretsharing.Share{ID: g.NewScalar().SetUint64(uint64(s.Number)), Value: value}
	var commitments secretsharing.SecretCommitment
	for _, b := range p.Commitments {
		e := g.NewElement()
		if err := e.UnmarshalBinary(b); err != nil {
			return part, fmt.Errorf("read a commitment: %w", err)
		}
		commitments = append(commitments, e)
	}
	if !secretsharing.Verify(uint(p.Threshold-1), part, commitments) {
		return part, ErrForeign
	}
	return part, nil
}

// Check reports whether a share is one of the key's.
func (p Public) Check(s Share) error {
	_, err := p.part(s)
	return err
}

// Key opens what was sealed. It exists in memory alone, for as long as a tally
// takes.
type Key struct{ public, private *[32]byte }

// Combine makes the key of its shares. It returns ErrFew, ErrTwice or ErrForeign
// when they do not open it.
func (p Public) Combine(shares ...Share) (*Key, error) {
	seen := map[int]bool{}
	var parts []secretsharing.Share
	for _, s := range shares {
		part, err := p.part(s)
		if err != nil {
			return nil, err
		}
		if seen[s.Number] {
			return nil, ErrTwice
		}
		seen[s.Number] = true
		parts = append(parts, part)
	}
	if len(parts) < p.Threshold {
		return nil, ErrFew
	}
	secret, err := secretsharing.Recover(uint(p.Threshold-1), parts[:p.Threshold])
	if err != nil {
		return nil, fmt.Errorf("combine shares: %w", err)
	}
	public, private, err := derive(secret)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(public[:], p.Seal) {
		return nil, ErrForeign
	}
	return &Key{public, private}, nil
}

// SealTo seals a text to the key.
func (p Public) SealTo(text []byte) ([]byte, error) {
	if len(p.Seal) != 32 {
		return nil, errors.New("the campaign has no tally key")
	}
	out, err := box.SealAnonymous(nil, text, (*[32]byte)(p.Seal), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out, nil
}

// Open opens a sealed text; false when it was not sealed to this key or was
// changed.
func (k *Key) Open(sealed []byte) ([]byte, bool) {
	return box.OpenAnonymous(nil, sealed, k.public, k.private)
}
