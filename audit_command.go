package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"pingyi/county"

	"github.com/spf13/cobra"

	"pingyi/record"
)

func auditCommand(environ map[string]string) *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "Check the audit log"}
	var export, key string
	var checkpoints []string
	verify := checking(&cobra.Command{Use: "verify", Short: "Is every entry of the audit log as it was written, and none gone?", Args: cobra.NoArgs,
		Long: "Walk the chain of the audit log, its head, and every checkpoint: those in the database, those in\nPINGYI_AUDIT_FILE and those given. With --export it checks an exported chain, offline. The first entry\nthat is wrong is named." + exitCodes},
		func(cmd *cobra.Command, _ []string) error {
			notes, err := readNotes(checkpoints)
			if err != nil {
				return err
			}
			chain := &record.Chain{}
			if export != "" {
				chain, err = verifyExport(export, key, notes)
			} else {
				err = with(cmd.Context(), environ, func(ctx context.Context, c settings, d *databases, _ county.Stores) error {
					chain, err = verifyAudit(ctx, &c, d, notes)
					return err
				})
			}
			if err != nil {
				return err
			}
			if chain.Problem != nil {
				return wrong("%v", chain.Problem)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "the audit log holds: %d entries\n", chain.Entries)
			return nil
		})
	verify.Flags().StringVar(&export, "export", "", "check this exported chain instead of the database")
	verify.Flags().StringVar(&key, "log-key", "", "public key of the audit log, for --checkpoint with --export")
	verify.Flags().StringArrayVar(&checkpoints, "checkpoint", nil, "file with checkpoints kept outside: a copy of the file of checkpoints, or a witness's state")
	cmd.AddCommand(verify)
	return cmd
}

func readNotes(files []string) ([]string, error) {
	var out []string
	for _, f := range files {
		notes, err := record.ReadCheckpoints(f)
		if err == nil && len(notes) == 0 {
			err = fmt.Errorf("%s holds no checkpoint", f)
		}
		if err != nil {
			return nil, unable("%v", err)
		}
		out = append(out, notes...)
	}
	return out, nil
}

func verifyExport(file, key string, notes []string) (*record.Chain, error) {
	if len(notes) > 0 && key == "" {
		return nil, unable("--checkpoint needs --log-key with --export")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, unable("%v", err)
	}
	defer func() { _ = f.Close() }()
	c := &record.Chain{}
	if err := record.ReadExport(f, c); err != nil {
		return nil, unable("%s: %v", file, err)
	}
	for _, n := range notes {
		c.Checkpoint([]byte(n), key)
	}
	return c, nil
}

func verifyAudit(ctx context.Context, c *settings, d *databases, notes []string) (*record.Chain, error) {
	n, err := d.notary(ctx, c)
	if errors.Is(err, record.ErrRolledBack) {
		return nil, wrong("%v", err)
	}
	if err != nil {
		return nil, err
	}
	filed, err := n.Filed()
	if err != nil {
		return nil, err
	}
	return record.NewStore(d.portal).Verify(ctx, n.Key(), append(filed, notes...)...)
}
