package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net"
	"net/http"
	"sync"
	"time"
)

// limiter slows down floods, of posts to the ballot host and to pages that anybody may
// write to: so many a minute from one network. Addresses are kept in memory only, as keyed hashes of the network,
// under a key that lives a day at most.
type limiter struct {
	mu     sync.Mutex
	key    [32]byte
	minute int64
	count  map[[16]byte]int
	most   int // a minute from one network; 0: perMinute
}

// perMinute lets a hall of people behind one address post; a flood it does not.
const perMinute = 3000

// allow counts a request and reports whether it may pass.
func (l *limiter) allow(r *http.Request, now time.Time) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return l.allowFrom(host, now)
}

// allowFrom is allow for an address that a proxy of ours vouches for.
func (l *limiter) allowFrom(host string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := now.Unix() / 60; m != l.minute || l.count == nil {
		if l.count == nil || m/1440 != l.minute/1440 {
			_, _ = rand.Read(l.key[:])
		}
		l.minute, l.count = m, map[[16]byte]int{}
	}
	ip := net.ParseIP(host)
	if ip == nil || ip.IsLoopback() {
		return true // a proxy of ours, which limits by itself, or this machine
	}
	if v4 := ip.To4(); v4 != nil {
		ip = v4.Mask(net.CIDRMask(24, 32))
	} else {
		ip = ip.Mask(net.CIDRMask(56, 128))
	}
	mac := hmac.New(sha256.New, l.key[:])
	mac.Write(ip)
	var k [16]byte
	copy(k[:], mac.Sum(nil))
	l.count[k]++
	if l.most > 0 {
		return l.count[k] <= l.most
	}
	return l.count[k] <= perMinute
}
