package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"
)

// isNetwork reports whether err comes from the connection itself.
func isNetwork(err error) bool {
	var n *net.OpError
	return errors.As(err, &n) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrNotExist) ||
		errors.Is(err, context.DeadlineExceeded)
}
