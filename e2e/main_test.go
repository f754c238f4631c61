// Package e2e walks through the running portal as its users do: the real
// binary, its own PostgreSQL, a real browser.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pingyi/locale"
)

// password is that of every demo account.
const password = "pingyi-demo-2026"

// portal and ballotHost are the addresses of the portal under test.
var portal, ballotHost string

var catalogue *locale.Catalogue

// program is the program under test.
var program string

// dataDir is the data folder of the portal under test.
var dataDir string

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	if browserPath() == "" {
		if os.Getenv("REQUIRE_BROWSER") != "" {
			return 1, errors.New("no Chromium or Chrome found")
		}
		fmt.Println("no browser on this machine: the browser walks are left out")
		return 0, nil
	}
	var err error
	if catalogue, err = locale.Load(); err != nil {
		return 1, err
	}
	dir, err := os.MkdirTemp("", "pingyi-e2e-")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// PostgreSQL runs as another user when the tests run as root.
	if err := os.Chmod(dir, 0o711); err != nil {
		return 1, err
	}
	binary := filepath.Join(dir, "pingyi")
	program = binary
	build := exec.Command("go", "build", "-o", binary, "pingyi")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return 1, fmt.Errorf("build: %w", err)
	}
	stop, err := start(binary, dir)
	if err != nil {
		return 1, err
	}
	defer stop()
	return m.Run(), nil
}

// start runs the program on an empty data folder, as `make run` does, with a
// smaller demo county.
func start(binary, dir string) (func(), error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(addr)
	dataDir = filepath.Join(dir, "data")
	portal, ballotHost = "http://localhost:"+port, "http://127.0.0.1:"+port
	env := []string{"PINGYI_ADDR=" + addr, "PINGYI_DATA_DIR=" + dataDir, "DATABASE_URL="}
	load := exec.Command(binary, "demo", "--companies", "120")
	load.Env = append(os.Environ(), env...)
	if out, err := load.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("load the demo county: %w\n%s", err, out)
	}
	var log bytes.Buffer
	serve := exec.Command(binary, "serve", "--demo")
	serve.Env, serve.Stderr, serve.Stdout = append(os.Environ(), env...), &log, io.Discard
	if err := serve.Start(); err != nil {
		return nil, err
	}
	stop := func() {
		_ = serve.Process.Signal(os.Interrupt)
		_ = serve.Wait()
		for _, line := range strings.Split(log.String(), "\n") {
			if strings.Contains(line, "level=ERROR") && !strings.Contains(line, "unreachable") && !strings.Contains(line, "status=503") {
				fmt.Println(line)
			}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if r, err := http.Get(portal + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return stop, nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	return nil, fmt.Errorf("the portal did not get ready:\n%s", log.String())
}

func browserPath() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	for _, p := range []string{"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"} {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return ""
}
