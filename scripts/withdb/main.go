// Command withdb starts one throwaway PostgreSQL for all tests, runs the command
// given to it with PINGYI_TEST_DATABASE_URL set, and stops the server again.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"pingyi/postgres/pgtest"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withdb:", err)
	}
	os.Exit(code)
}

func run(args []string) (int, error) {
	if len(args) == 0 {
		return 2, fmt.Errorf("which command?")
	}
	if os.Getenv("PINGYI_TEST_DATABASE_URL") == "" {
		s, err := pgtest.Throwaway(context.Background())
		if err != nil {
			return 1, err
		}
		defer func() {
			_ = s.Stop()
			_ = os.RemoveAll(filepath.Dir(s.Dir()))
		}()
		if err := os.Setenv("PINGYI_TEST_DATABASE_URL", s.DSN()); err != nil {
			return 1, err
		}
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		if cmd.ProcessState != nil {
			return max(1, cmd.ProcessState.ExitCode()), nil
		}
		return 1, err
	}
	return 0, nil
}
