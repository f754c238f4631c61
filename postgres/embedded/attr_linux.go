package embedded

import "syscall"

// childAttr: own process group, so that Ctrl-C reaches the portal alone, which
// drains its requests first; and a fast shutdown should the portal be killed.
func childAttr(as *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: as, Pdeathsig: syscall.SIGINT}
}
