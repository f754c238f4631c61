//go:build unix

package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// watch starts the server and starts it again whenever it ends by itself. The
// parent-death signal is bound to the thread that forked, so the goroutine keeps
// its thread.
func (s *Server) watch() {
	runtime.LockOSThread()
	defer close(s.exited)
	pause := 200 * time.Millisecond
	for {
		began := time.Now()
		err := s.once()
		s.mu.Lock()
		stopping := s.stopping
		s.mu.Unlock()
		if stopping {
			return
		}
		s.opts.Logf("the database ended by itself (%v); starting it again", err)
		if time.Since(began) > time.Minute {
			pause = 200 * time.Millisecond
		}
		time.Sleep(pause)
		pause = min(2*pause, 10*time.Second)
		if err := s.clearAway(); err != nil {
			s.opts.Logf("the database cannot start yet: %v", err)
		}
	}
}

// once runs the server until it ends.
func (s *Server) once() error {
	log, err := os.OpenFile(s.logFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the database's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	args := []string{"-D", s.cluster, "-c", "listen_addresses=", "-c", "unix_socket_directories=" + s.sockets,
		"-c", "unix_socket_permissions=0700", "-c", "max_connections=100", "-c", "shared_buffers=128MB",
		"-c", "log_min_duration_statement=-1", "-c", "log_statement=none", "-c", "log_min_error_statement=panic",
		"-c", "log_error_verbosity=terse", "-c", "log_parameter_max_length=0", "-c", "log_parameter_max_length_on_error=0",
		"-c", "track_commit_timestamp=off", "-c", "password_encryption=scram-sha-256", "-c", "timezone=UTC"}
	if s.opts.Fast {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200")
	}
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, s.sockets
	cmd.SysProcAttr = childAttr(s.as)
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		return nil
	}
	if err := cmd.Start(); err != nil {
		s.mu.Unlock()
		return fmt.Errorf("start postgres: %w", err)
	}
	s.child = cmd.Process
	s.mu.Unlock()
	err = cmd.Wait()
	s.mu.Lock()
	s.child = nil
	s.mu.Unlock()
	return err
}

// Stop ends the server: fast, then at once, then by force; and lets the folder go.
func (s *Server) Stop() error {
	s.mu.Lock()
	s.stopping = true
	child := s.child
	s.mu.Unlock()
	defer func() { _ = s.lock.Close() }()
	if child == nil {
		return nil
	}
	for _, step := range []struct {
		sig    syscall.Signal
		within time.Duration
	}{{syscall.SIGINT, stopWithin}, {syscall.SIGQUIT, 10 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		_ = child.Signal(step.sig)
		select {
		case <-s.exited:
			return nil
		case <-time.After(step.within):
		}
	}
	return fmt.Errorf("the database did not stop")
}

// clearAway makes room for a start. A postmaster of this folder that outlived a
// killed portal is stopped; backends of a killed postmaster are waited for. The
// pid file is PostgreSQL's own interlock and stays, unless its number now belongs
// to some other living program and nobody uses the folder.
func (s *Server) clearAway() error {
	pidFile := filepath.Join(s.cluster, "postmaster.pid")
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		pid := pidIn(pidFile)
		users := usersOf(s.cluster)
		switch {
		case pid == 0 && len(users) == 0:
			return nil
		case pid != 0 && isPostmaster(pid, s.cluster):
			_ = syscall.Kill(pid, syscall.SIGINT)
		case len(users) == 0 && pid != 0 && alive(pid):
			if err := os.Remove(pidFile); err != nil && !os.IsNotExist(err) {
				return err
			}
			return nil // the postmaster that was about to end may have removed it itself
		case len(users) == 0:
			return nil // a dead number: PostgreSQL clears it by itself
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("processes still use %s", s.cluster)
}

func pidIn(file string) int {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

func alive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }

// usersOf lists the processes whose working folder is the cluster, where the
// system shows that (Linux).
func usersOf(cluster string) []int {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	var pids []int
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil && to == cluster {
			if pid, err := strconv.Atoi(strings.Split(l, "/")[2]); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// isPostmaster reports whether pid is a PostgreSQL server of the cluster.
func isPostmaster(pid int, cluster string) bool {
	if to, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err == nil {
		return to == cluster
	}
	out, err := exec.Command("ps", "-p", strconv.Itoa(pid), "-o", "command=").Output()
	return err == nil && strings.Contains(string(out), "postgres") && strings.Contains(string(out), cluster)
}
