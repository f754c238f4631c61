// Command pingyi is the portal through which companies that invested in a county
// appraise its departments, and through which the county answers them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	environ := map[string]string{}
	for _, kv := range os.Environ() {
		if k, v, ok := strings.Cut(kv, "="); ok {
			environ[k] = v
		}
	}
	cmd, err := root(environ).ExecuteContextC(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pingyi:", err)
	}
	if code := exitCode(cmd, err); code != 0 {
		os.Exit(code)
	}
}

// exitCode is what the program ends with: of a command that checks something 1
// when it is wrong and 2 when it could not be checked.
func exitCode(cmd *cobra.Command, err error) int {
	var c checked
	switch {
	case err == nil:
		return 0
	case errors.As(err, &c):
		return c.code
	case cmd.Annotations[checks] != "":
		return 2 // a flag is missing: nothing was checked
	}
	return 1
}
