//go:build !unix

package embedded

import (
	"context"
	"errors"
)

// Server is not available here.
type Server struct{}

// Start says that this system has no embedded database.
func Start(context.Context, Options) (*Server, error) {
	return nil, errors.New("the embedded database runs on Linux and macOS; name a PostgreSQL server in DATABASE_URL")
}

// Attach says that this system has no embedded database.
func Attach(ctx context.Context, opts Options) (string, error) {
	_, err := Start(ctx, opts)
	return "", err
}

// DSN returns nothing.
func (*Server) DSN() string { return "" }

// Stop does nothing.
func (*Server) Stop() error { return nil }

// Dir returns nothing.
func (*Server) Dir() string { return "" }

// Recreate says that this system has no embedded database.
func (*Server) Recreate(context.Context, ...string) error {
	_, err := Start(context.Background(), Options{})
	return err
}
