package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"pingyi/county"
	"time"

	"github.com/jmoiron/sqlx"

	"pingyi/evaluation/ballotbox"
	"pingyi/migrations"
	"pingyi/org"
	"pingyi/postgres"
	"pingyi/postgres/embedded"
	"pingyi/record"
)

// databaseName names the portal's database in the embedded cluster.
const databaseName = "pingyi"

// databases are the open connections of a process, by role.
type databases struct {
	portal, cast, tally *sqlx.DB
	dsn                 postgres.DSNs
	server              *embedded.Server // nil with DATABASE_URL, or when attached
	oneServer           bool             // the box shares its server with the portal
}

// open starts or finds the database, migrates it and connects as the run-time
// roles. owner says that this process must be the one that runs the embedded
// database; others attach to one that runs.
func open(ctx context.Context, c *settings, log *slog.Logger, owner bool) (*databases, error) {
	if err := c.loadSecret(); err != nil {
		return nil, err
	}
	d := &databases{}
	admin := c.DatabaseURL
	if admin == "" {
		opts := embedded.Options{Dir: c.DataDir, Database: databaseName, BinDir: c.PGBinDir, Logf: func(f string, a ...any) { log.Info(fmt.Sprintf(f, a...)) }}
		s, err := embedded.Start(ctx, opts)
		switch {
		case err == nil:
			d.server, admin = s, s.DSN()
		case errors.Is(err, embedded.ErrOwned) && !owner:
			if admin, err = embedded.Attach(ctx, opts); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
	if err := d.connect(ctx, c, admin); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *databases) connect(ctx context.Context, c *settings, admin string) error {
	var err error
	if d.dsn, err = postgres.Prepare(ctx, admin, c.BoxURL, c.secret); err != nil {
		return err
	}
	if err := migrate(ctx, d.dsn); err != nil {
		return err
	}
	if err := d.openPools(ctx); err != nil {
		return err
	}
	for _, db := range []*sqlx.DB{d.portal, d.cast} {
		if err := postgres.CheckDurable(ctx, db); err != nil {
			return err
		}
	}
	for _, db := range []*sqlx.DB{d.cast, d.tally} {
		if err := postgres.CheckSilent(ctx, db); err != nil {
			return err
		}
	}
	d.oneServer, err = postgres.SameServer(ctx, d.portal, d.cast)
	return err
}

// openPools connects as the run-time roles, each pool with the given settings.
func (d *databases) openPools(ctx context.Context, settings ...string) error {
	for _, p := range []struct {
		db  **sqlx.DB
		dsn string
		n   int
	}{{&d.portal, d.dsn.Portal, 30}, {&d.cast, d.dsn.Cast, 24}, {&d.tally, d.dsn.Tally, 4}} {
		db, err := postgres.Open(ctx, postgres.With(p.dsn, settings...), p.n)
		if err != nil {
			return err
		}
		*p.db = db
	}
	return nil
}

// hurried are the same databases with commits that are not waited for, good for
// what is made anew when it is lost. A later commit that is waited for keeps all
// before it, on one server; on two nothing is hurried.
func (d *databases) hurried(ctx context.Context) (*databases, error) {
	h := &databases{dsn: d.dsn, oneServer: d.oneServer}
	var settings []string
	if d.oneServer {
		settings = append(settings, "synchronous_commit=off")
	}
	if err := h.openPools(ctx, settings...); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func migrate(ctx context.Context, dsn postgres.DSNs) error {
	portal, err := postgres.Open(ctx, dsn.PortalOwner, 3)
	if err != nil {
		return err
	}
	defer func() { _ = portal.Close() }()
	if err := migrations.Portal(ctx, portal); err != nil {
		return err
	}
	box, err := postgres.Open(ctx, dsn.BoxOwner, 3)
	if err != nil {
		return err
	}
	defer func() { _ = box.Close() }()
	return migrations.Box(ctx, box)
}

// startOver empties an embedded database: both databases are made anew.
func (d *databases) startOver(ctx context.Context, c *settings) error {
	d.disconnect()
	if err := d.server.Recreate(ctx, databaseName+"_box"); err != nil {
		return err
	}
	return d.connect(ctx, c, d.server.DSN())
}

func (d *databases) disconnect() {
	for _, db := range []*sqlx.DB{d.portal, d.cast, d.tally} {
		if db != nil {
			_ = db.Close()
		}
	}
}

// close closes the connections, then stops the embedded database.
func (d *databases) close() {
	d.disconnect()
	if d.server != nil {
		_ = d.server.Stop()
	}
}

// notary returns the notary of the audit log, after comparing the log with what
// was signed before.
func (d *databases) notary(ctx context.Context, c *settings) (*record.Notary, error) {
	file := c.AuditFile
	if file == "" {
		file = filepath.Join(c.DataDir, "audit-checkpoints.txt")
	}
	n, err := record.NewNotary(record.NewStore(d.portal), time.Now, filepath.Join(c.DataDir, "keys", "audit"), c.hostName()+"/audit", file)
	if err != nil {
		return nil, err
	}
	err = n.Start(ctx)
	if errors.Is(err, record.ErrRolledBack) && c.AcceptRestored {
		return n, n.Accept(ctx)
	}
	if errors.Is(err, record.ErrRolledBack) {
		err = fmt.Errorf("%w\nIf it was restored on purpose, start once with PINGYI_ACCEPT_RESTORED=true; that goes on record", err)
	}
	return n, err
}

// build makes the stores over the databases and ships what the portal comes with:
// the calendar and the default scheme.
func (d *databases) build(ctx context.Context, c *settings, now func() time.Time, hashing org.Hashing) (county.Stores, error) {
	keys, err := ballotbox.NewKeys(filepath.Join(c.DataDir, "keys"))
	if err != nil {
		return county.Stores{}, err
	}
	box, err := ballotbox.NewBox(ctx, d.cast, d.tally, keys, c.hostName(), now)
	if err != nil {
		return county.Stores{}, err
	}
	return county.NewStores(ctx, county.Basis{DB: d.portal, Box: box, Now: now, Secret: c.secret, Hashing: hashing, BaseURL: c.baseURL, Host: c.hostName()})
}
