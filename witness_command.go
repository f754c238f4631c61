package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"pingyi/merkle"
	"pingyi/witness/watch"
)

func witnessCommand() *cobra.Command {
	var log, logKey, name, keyFile, state string
	var every time.Duration
	var show bool
	cmd := checking(&cobra.Command{Use: "witness", Short: "Watch a log from another office's computer and cosign what is right", Args: cobra.NoArgs,
		Long: "Watch a log: check that it only grew since the last look, remember what was seen and hand in a\ncosignature. When the log was rolled back or forked nothing is cosigned and the exit code is 1.\nThe log's public key is on the page of the log and in campaign.json; take it from paper or another\nsource than the portal where you can." + exitCodes},
		func(cmd *cobra.Command, _ []string) error {
			signer, vkey, err := merkle.KeyFile(keyFile, name)
			if err != nil {
				return err
			}
			if show {
				fmt.Fprintln(cmd.OutOrStdout(), vkey)
				return nil
			}
			if log == "" || logKey == "" || state == "" {
				return unable("--log, --log-key and --state are needed")
			}
			w := &watch.Watcher{Log: log, LogKey: logKey, Signer: signer, State: state}
			return watchLog(cmd.Context(), cmd.OutOrStdout(), w, every)
		})
	cmd.Flags().StringVar(&log, "log", "", "address of the log, https://portal.example/log/4")
	cmd.Flags().StringVar(&logKey, "log-key", "", "public key of the log")
	cmd.Flags().StringVar(&name, "name", "", "name of the witness, letters and digits; used when the key is made")
	cmd.Flags().StringVar(&keyFile, "key", "witness.key", "file of the witness's own key, made on first use")
	cmd.Flags().StringVar(&state, "state", "", "file that remembers what was seen")
	cmd.Flags().DurationVar(&every, "every", 0, "look again after so long (10m); 0: look once")
	cmd.Flags().BoolVar(&show, "show-key", false, "print the witness's public key, to be entered in the portal")
	return cmd
}

// watchLog looks once, or again and again. A fork ends it: a person must look.
func watchLog(ctx context.Context, out io.Writer, w *watch.Watcher, every time.Duration) error {
	for {
		seen, err := w.Look(ctx)
		switch {
		case errors.Is(err, merkle.ErrFork), errors.Is(err, merkle.ErrSignature):
			return wrong("%s: %v", w.Log, err)
		case err != nil && every == 0:
			return unable("%v", err)
		case err != nil:
			fmt.Fprintln(out, "could not look:", err)
		case seen.Before < 0:
			fmt.Fprintf(out, "first look: %d entries, cosigned\n", seen.Checkpoint.Size)
		default:
			fmt.Fprintf(out, "%d entries, before %d: extended, cosigned\n", seen.Checkpoint.Size, seen.Before)
		}
		if every == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
	}
}
