package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"pingyi/county"
	"time"

	"github.com/spf13/cobra"

	"pingyi/demo"
	"pingyi/fault"
	"pingyi/org"
)

// root is the command line.
func root(environ map[string]string) *cobra.Command {
	cmd := &cobra.Command{
		Use:          "pingyi",
		Short:        "Pingyi (评议): companies appraise a county's departments, and the county answers",
		Long:         "Pingyi (评议): companies that invested in a county appraise its departments, and the county answers.\n\n" + settingsHelp,
		SilenceUsage: true, SilenceErrors: true,
	}
	cmd.AddCommand(serveCommand(environ), migrateCommand(environ), demoCommand(environ), importCommand(environ), operatorCommand(environ), verifyCommand(), tallyCommand(), witnessCommand(), auditCommand(environ), recomputeCommand(), rankCommand(), &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "pingyi", version) },
	})
	return cmd
}

func logger(c settings, w io.Writer) *slog.Logger {
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

func serveCommand(environ map[string]string) *cobra.Command {
	var withDemo bool
	cmd := &cobra.Command{Use: "serve", Short: "Run the portal", Long: "Run the portal. Without DATABASE_URL it runs its own PostgreSQL.\n\n" + settingsHelp, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := readSettings(environ)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), c, logger(c, os.Stderr), withDemo, cmd.OutOrStdout())
		}}
	cmd.Flags().BoolVar(&withDemo, "demo", false, "load the demo county into an empty database first")
	return cmd
}

func migrateCommand(environ map[string]string) *cobra.Command {
	return &cobra.Command{Use: "migrate", Short: "Bring both databases up to date", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd.Context(), environ, func(context.Context, settings, *databases, county.Stores) error {
				fmt.Fprintln(cmd.OutOrStdout(), "both databases are up to date")
				return nil
			})
		}}
}

// with opens the databases for a command that is not the server.
func with(ctx context.Context, environ map[string]string, do func(context.Context, settings, *databases, county.Stores) error) error {
	c, err := readSettings(environ)
	if err != nil {
		return err
	}
	d, err := open(ctx, &c, logger(c, os.Stderr), false)
	if err != nil {
		return err
	}
	defer d.close()
	s, err := d.build(ctx, &c, time.Now, org.Hard)
	if err != nil {
		return err
	}
	return do(ctx, c, d, s)
}

func demoCommand(environ map[string]string) *cobra.Command {
	var accounts bool
	var companies int
	var seed int64
	cmd := &cobra.Command{Use: "demo", Short: "Load the demo county into an empty database, or list its accounts", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd.Context(), environ, func(ctx context.Context, c settings, d *databases, s county.Stores) error {
				if accounts {
					return listAccounts(ctx, s.Org, cmd.OutOrStdout())
				}
				return loadDemo(ctx, c, d, demo.Size{Companies: companies, Seed: seed}, cmd.ErrOrStderr())
			})
		}}
	cmd.Flags().BoolVar(&accounts, "accounts", false, "print the demo accounts as JSON lines")
	cmd.Flags().IntVar(&companies, "companies", 400, "number of companies, 60 to 5000")
	cmd.Flags().Int64Var(&seed, "seed", 2007, "the same seed makes the same county")
	return cmd
}

// loadDemo writes the demo county through the same methods as users use, under a
// clock of its own. One whose making was cut off is made anew: nobody has worked
// in it, for the portal does not open on it.
func loadDemo(ctx context.Context, c settings, d *databases, size demo.Size, w io.Writer) error {
	accounts := org.NewStore(d.portal, time.Now, c.secret, org.Quick)
	half, err := accounts.HalfDemo(ctx)
	if err != nil {
		return err
	}
	if half && d.server == nil {
		return errHalfDemo
	}
	if half {
		fmt.Fprintln(w, "demo county: the last attempt was cut off; starting over")
		if err := d.startOver(ctx, &c); err != nil {
			return err
		}
		accounts = org.NewStore(d.portal, time.Now, c.secret, org.Quick)
	}
	h, err := d.hurried(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	clock := demo.NewClock(time.Now())
	s, err := h.build(ctx, &c, clock.Now, org.Quick)
	if err != nil {
		return err
	}
	if err := demo.Load(ctx, s, clock, size, func(format string, a ...any) { fmt.Fprintf(w, format+"\n", a...) }); err != nil {
		return err
	}
	// This commit is waited for, and with it all before it.
	return accounts.FinishDemo(ctx)
}

// errHalfDemo refuses to work on, or to remove from a database that is not the
// program's own, a demo county that is only half there.
var errHalfDemo = errors.New("the demo county in this database is not whole: its making was cut off or is still under way.\n" +
	"With the embedded database, stop the portal and start it with --demo to make it anew; elsewhere drop both databases first")

type demoAccount struct {
	Login        string `json:"login"`
	Password     string `json:"password"`
	Role         string `json:"role"`
	Organisation string `json:"organisation"`
	Language     string `json:"language"`
}

func listAccounts(ctx context.Context, s *org.Store, w io.Writer) error {
	all, err := s.DemoAccounts(ctx)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, a := range all {
		if err := enc.Encode(demoAccount{a.Login, a.DemoWord, string(a.Role), a.OrgName, a.Lang}); err != nil {
			return fmt.Errorf("print account: %w", err)
		}
	}
	return nil
}

// operatorCommand makes the first account of a county: everybody else's comes
// from there.
func operatorCommand(environ map[string]string) *cobra.Command {
	var login, name string
	cmd := &cobra.Command{Use: "operator", Short: "Make an operator's account, or a new activation code for it",
		Long: "Make an operator's account and print its activation code, which is good for 14 days and used once.\nFor an account that exists the code is a new one: for a lost password. The operator opens the\naddress /activate, enters the code and the login as proof, and sets a password.", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd.Context(), environ, func(ctx context.Context, c settings, _ *databases, s county.Stores) error {
				code, err := operatorCode(ctx, s.Org, login, name)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "login            %s\nactivation code  %s\nopen             %s/activate\n", org.NormalLogin(login), code, c.baseURL)
				return nil
			})
		}}
	cmd.Flags().StringVar(&login, "login", "operator", "login of the account")
	cmd.Flags().StringVar(&name, "name", "系统管理员", "name of the person")
	return cmd
}

func operatorCode(ctx context.Context, s *org.Store, login, name string) (string, error) {
	console := org.Actor{Role: org.RoleOperator}
	a, err := s.ActorOf(ctx, login)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		bodies, err := s.Bodies(ctx)
		if err != nil {
			return "", err
		}
		for _, b := range bodies {
			if b.Kind == org.BodyOperator {
				_, code, err := s.CreateAccount(ctx, console, org.Account{Login: login, Name: name, Role: org.RoleOperator, Body: b.ID})
				return code, err
			}
		}
		return "", errors.New("the database names no operator's office")
	case err != nil:
		return "", err
	case a.Role != org.RoleOperator:
		return "", fmt.Errorf("account %s is no operator's", login)
	}
	return s.NewCode(ctx, console, a.Account)
}
