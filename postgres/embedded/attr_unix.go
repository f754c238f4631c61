//go:build unix && !linux

package embedded

import "syscall"

// childAttr: own process group, so that Ctrl-C reaches the portal alone. There
// is no parent-death signal here; the next start stops an orphan.
func childAttr(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: as}
}
