package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"pingyi/calendar"
	"pingyi/evaluation/ballotlog"
)

// Commands for those who do not want to believe the portal: they need the
// downloaded files alone, no database and no network (but for the witness).

// checked is an outcome with an exit code: 1 something is wrong and named, 2 it
// could not be checked.
type checked struct {
	code int
	err  error
}

func (c checked) Error() string { return c.err.Error() }
func (c checked) Unwrap() error { return c.err }

func wrong(format string, args ...any) error  { return checked{1, fmt.Errorf(format, args...)} }
func unable(format string, args ...any) error { return checked{2, fmt.Errorf(format, args...)} }

// checks marks the commands whose exit codes say what was found.
const checks = "checks"

// checking makes a command whose errors are exit code 2 where they name none.
func checking(cmd *cobra.Command, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	cmd.Annotations = map[string]string{checks: "yes"}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		var c checked
		if err != nil && !errors.As(err, &c) {
			return checked{2, err}
		}
		return err
	}
	return cmd
}

const exitCodes = "\n\nExit code 0: all in order. 1: something is wrong, and named. 2: it could not be checked."

func verifyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "verify", Short: "Check receipts, logs and tallies offline, from downloaded files",
		Long: "Check receipts, logs and tallies offline. A log is the archive or the unpacked folder that the\npublic page of an appraisal offers for download." + exitCodes}
	cmd.AddCommand(verifyReceiptCommand(), verifyCardCommand(), verifyLogCommand(), verifyDiffCommand(), verifyTallyCommand())
	return cmd
}

// pins are keys that the reader has from elsewhere than the files: from paper, the
// bulletin, the witness himself. Without them the files vouch for themselves.
type pins struct {
	logKey    string
	witnesses []string
}

func (p *pins) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.logKey, "log-key", "", "public key of the log, from another source than the files; a log of another key is wrong")
	cmd.Flags().StringArrayVar(&p.witnesses, "witness-key", nil, "public key of a witness, from another source than the files; only those given count as witnesses")
}

// apply holds a copy against the pins and lets only pinned witnesses count.
func (p *pins) apply(c *ballotlog.Copy) error {
	if p.logKey != "" && p.logKey != c.Facts.LogKey {
		return wrong("the log is signed by another key than yours: %s", c.Facts.LogKey)
	}
	if len(p.witnesses) == 0 {
		return nil
	}
	c.Facts.Witnesses = nil
	for _, key := range p.witnesses {
		v, err := note.NewVerifier(key)
		if err != nil {
			return unable("--witness-key: %v", err)
		}
		c.Facts.Witnesses = append(c.Facts.Witnesses, ballotlog.Witness{Name: v.Name(), Office: v.Name(), Key: key})
	}
	return nil
}

func verifyReceiptCommand() *cobra.Command {
	var log, card, word string
	var p pins
	cmd := checking(&cobra.Command{Use: "receipt FILE", Short: "Is the ballot of a receipt in the log, and does it count?", Args: cobra.ExactArgs(1),
		Long: "Check a receipt against a downloaded log: signature, place in the log, whether it counts. With --card\nand --word, also that the receipt is one's own. It shows no score: a receipt holds none." + exitCodes},
		func(cmd *cobra.Command, args []string) error {
			msg, err := os.ReadFile(args[0])
			if err != nil {
				return unable("%v", err)
			}
			c, err := openLog(log, &p)
			if err != nil {
				return err
			}
			return sayOutcome(cmd.OutOrStdout(), c.VerifyReceipt(msg, card, word, string(calendar.DateOf(time.Now()))), "the receipt does not hold")
		})
	cmd.Flags().StringVar(&log, "log", "", "downloaded log, archive or folder")
	cmd.Flags().StringVar(&card, "card", "", "the card, as printed")
	cmd.Flags().StringVar(&word, "word", "", "one's own word")
	p.flags(cmd)
	_ = cmd.MarkFlagRequired("log")
	cmd.MarkFlagsRequiredTogether("card", "word")
	return cmd
}

func verifyCardCommand() *cobra.Command {
	var log, card, word string
	var p pins
	cmd := checking(&cobra.Command{Use: "card", Short: "Without a receipt: is the last ballot of a card in the log, with one's own word?", Args: cobra.NoArgs,
		Long: "Look up the last ballot of a card in a downloaded log, for who has no receipt: it was lost, or the\nballot was on paper; then the card is the serial on its stub." + exitCodes},
		func(cmd *cobra.Command, _ []string) error {
			c, err := openLog(log, &p)
			if err != nil {
				return err
			}
			return sayOutcome(cmd.OutOrStdout(), c.VerifyCard(card, word), "the ballot of this card does not hold")
		})
	cmd.Flags().StringVar(&log, "log", "", "downloaded log, archive or folder")
	cmd.Flags().StringVar(&card, "card", "", "the card, or the serial of a paper ballot")
	cmd.Flags().StringVar(&word, "word", "", "one's own word")
	p.flags(cmd)
	for _, f := range []string{"log", "card", "word"} {
		_ = cmd.MarkFlagRequired(f)
	}
	return cmd
}

func verifyLogCommand() *cobra.Command {
	var p pins
	cmd := checking(&cobra.Command{Use: "log LOG", Short: "Does a downloaded log hold?", Args: cobra.ExactArgs(1), Long: "Derive the tree of a log anew from its leaves and check everything its files say." + exitCodes},
		func(cmd *cobra.Command, args []string) error { return verifyLog(cmd.OutOrStdout(), args[0], &p) })
	p.flags(cmd)
	return cmd
}

func verifyDiffCommand() *cobra.Command {
	return checking(&cobra.Command{Use: "diff OLD NEW", Short: "Does a newer copy of a log extend an older one?", Args: cobra.ExactArgs(2), Long: "Check that nothing that stood in an older copy of a log is changed or gone in a newer one." + exitCodes},
		func(cmd *cobra.Command, args []string) error {
			return verifyDiff(cmd.OutOrStdout(), args[0], args[1])
		})
}

func verifyTallyCommand() *cobra.Command {
	var boxFile string
	var shares []string
	cmd := checking(&cobra.Command{Use: "tally RESULT", Short: "Does a result follow from the box?", Args: cobra.ExactArgs(1), Long: "Open the sealed box again with shares and compare the result, byte for byte." + exitCodes},
		func(cmd *cobra.Command, args []string) error {
			return verifyTally(cmd, args[0], boxFile, shares)
		})
	cmd.Flags().StringVar(&boxFile, "box", "", "the sealed box, sealed.json of the portal")
	shareFlag(cmd, &shares)
	_ = cmd.MarkFlagRequired("box")
	return cmd
}

func shareFlag(cmd *cobra.Command, shares *[]string) {
	cmd.Flags().StringArrayVar(shares, "share", nil, "file with a share as printed, once a share; - reads one from standard input, a line each")
}

// openLog reads a downloaded log, archive or folder, and holds it against the pins.
func openLog(path string, p *pins) (*ballotlog.Copy, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unable("%v", err)
	}
	dir := os.DirFS(path)
	if !info.IsDir() {
		z, err := zip.OpenReader(path)
		if err != nil {
			return nil, unable("%s is neither a folder nor an archive: %v", path, err)
		}
		defer func() { _ = z.Close() }()
		dir = z
		if names, _ := fs.Glob(z, "*/campaign.json"); len(names) == 1 {
			if dir, err = fs.Sub(z, filepath.ToSlash(filepath.Dir(names[0]))); err != nil {
				return nil, unable("%v", err)
			}
		}
	}
	c, err := ballotlog.Read(dir)
	if err != nil {
		return nil, unable("%s: %v", path, err)
	}
	return c, p.apply(c)
}

func verifyLog(out io.Writer, path string, p *pins) error {
	c, err := openLog(path, p)
	if err != nil {
		return err
	}
	r := c.Verify()
	for _, f := range r.Findings {
		fmt.Fprintln(out, "WRONG  ", f)
	}
	fmt.Fprintf(out, "%s: %d ballots, %d checkpoints, root %s\n", c.Facts.Origin, len(c.Leaves), len(c.Checkpoints), r.Root)
	if r.Counted >= 0 {
		fmt.Fprintf(out, "counted: %d\n", r.Counted)
	}
	if len(r.By) == 0 {
		fmt.Fprintln(out, "NOT WITNESSED: no other office has cosigned this log")
	} else {
		fmt.Fprintf(out, "witnessed up to %d by %s\n", r.Witnessed, strings.Join(r.By, ", "))
	}
	if len(r.Findings) > 0 {
		return wrong("the log does not hold: %d findings", len(r.Findings))
	}
	if len(p.witnesses) > 0 && len(r.By) == 0 {
		return wrong("no witness of yours has cosigned this log")
	}
	fmt.Fprintln(out, "the log holds")
	return nil
}

func verifyDiff(out io.Writer, older, newer string) error {
	a, err := openLog(older, &pins{})
	if err != nil {
		return err
	}
	b, err := openLog(newer, &pins{})
	if err != nil {
		return err
	}
	findings := ballotlog.Diff(a, b)
	for _, f := range findings {
		fmt.Fprintln(out, "WRONG  ", f)
	}
	if len(findings) > 0 {
		return wrong("the newer copy does not extend the older one")
	}
	fmt.Fprintf(out, "the newer copy extends the older one: %d ballots, then %d\n", len(a.Leaves), len(b.Leaves))
	return nil
}

// sayOutcome prints what was found of a ballot; bad says that it is wrong.
func sayOutcome(out io.Writer, o ballotlog.Outcome, bad string) error {
	for _, p := range o.Findings {
		fmt.Fprintln(out, "WRONG  ", p.Text)
	}
	if len(o.Findings) > 0 {
		return wrong("%s", bad)
	}
	switch {
	case o.Index < 0:
		fmt.Fprintf(out, "signed; not in the log yet, promised by %s\n", o.Receipt.MergeBy)
	default:
		fmt.Fprintf(out, "in the log, ballot %d, version %d\n", o.Index+1, o.Receipt.Leaf.Version)
	}
	if o.CardOK != nil {
		fmt.Fprintln(out, "made with this card and this word")
	}
	switch {
	case o.Counted:
		fmt.Fprintln(out, "COUNTED")
	case o.Closed && o.Index >= 0:
		fmt.Fprintf(out, "replaced by version %d of the same card, which counts\n", o.Last)
	case o.Index >= 0:
		fmt.Fprintln(out, "the appraisal is not closed yet")
	}
	if o.Index >= 0 && !o.Witnessed {
		fmt.Fprintln(out, "not witnessed by another office")
	}
	return nil
}
