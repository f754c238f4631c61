//go:build unix

package embedded

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// runAs says as whom the server runs. PostgreSQL refuses root, so root gives way
// to the owner of existing data, else postgres, else nobody.
func runAs(cluster string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if st, err := os.Stat(cluster); err == nil {
		if sys, ok := st.Sys().(*syscall.Stat_t); ok && sys.Uid != 0 {
			return &syscall.Credential{Uid: sys.Uid, Gid: sys.Gid}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("started by root, and there is no user postgres or nobody to run the database as")
}

// own makes dir, and gives it to the server's user.
func own(dir string, as *syscall.Credential) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	if as == nil {
		return nil
	}
	if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
		return fmt.Errorf("give %s to the database's user: %w", dir, err)
	}
	return nil
}

// enterable checks that the server's user can reach dir: a folder under root's
// home, for one, cannot be entered by anybody else.
func enterable(dir string, as *syscall.Credential) error {
	if as == nil {
		return nil
	}
	for p := filepath.Dir(dir); ; p = filepath.Dir(p) {
		st, err := os.Stat(p)
		if err != nil {
			return fmt.Errorf("look at %s: %w", p, err)
		}
		sys, _ := st.Sys().(*syscall.Stat_t)
		mode := st.Mode().Perm()
		ok := mode&0o001 != 0 || (sys != nil && sys.Uid == as.Uid && mode&0o100 != 0) || (sys != nil && sys.Gid == as.Gid && mode&0o010 != 0)
		if !ok {
			return fmt.Errorf("the database runs as user %d, which cannot enter %s; name another data folder in PINGYI_DATA_DIR, such as /var/lib/pingyi", as.Uid, p)
		}
		if p == "/" || p == "." {
			return nil
		}
	}
}
