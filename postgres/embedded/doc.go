// Package embedded runs a private PostgreSQL as a child of the portal: the
// default on one machine. It looks for the programs, makes the cluster on first
// start, keeps the server running, and stops it with the portal. It never
// deletes data: a folder of another major version is refused.
package embedded

import (
	"errors"
	"time"
)

// ErrOwned: another process already runs the database of this folder.
var ErrOwned = errors.New("another pingyi already runs on this data folder")

// Options say where the data is and how to run it.
type Options struct {
	Dir      string // the portal's data folder; the cluster lies in Dir/postgres
	Database string // name of the portal's database
	BinDir   string // folder of the PostgreSQL programs; "" looks for them
	Fast     bool   // no fsync: for tests alone
	Logf     func(format string, args ...any)
}

const (
	readyWithin = 60 * time.Second
	stopWithin  = 20 * time.Second
	superuser   = "postgres"
)
