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
	if cmd, err := root(environ).ExecuteContextC(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "pingyi:", err)
		var c checked
		if errors.As(err, &c) {
			os.Exit(c.code)
		}
		if cmd.Annotations[checks] != "" {
			os.Exit(2) // a flag is missing: nothing was checked
		}
		os.Exit(1)
	}
}
