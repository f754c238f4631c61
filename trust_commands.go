package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pingyi/calendar"
	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/ballotlog"
	"pingyi/evaluation/tallykey"
	"pingyi/locale"
	"pingyi/merkle"
	"pingyi/witness/watch"
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
	var log, card, word string
	receipt := checking(&cobra.Command{Use: "receipt FILE", Short: "Is the ballot of a receipt in the log, and does it count?", Args: cobra.ExactArgs(1),
		Long: "Check a receipt against a downloaded log: signature, place in the log, whether it counts. With --card\nand --word, also that the receipt is one's own. It shows no score: a receipt holds none." + exitCodes},
		func(cmd *cobra.Command, args []string) error {
			return verifyReceipt(cmd.OutOrStdout(), args[0], log, card, word)
		})
	receipt.Flags().StringVar(&log, "log", "", "downloaded log, archive or folder")
	receipt.Flags().StringVar(&card, "card", "", "the card, as printed")
	receipt.Flags().StringVar(&word, "word", "", "one's own word")
	_ = receipt.MarkFlagRequired("log")
	receipt.MarkFlagsRequiredTogether("card", "word")
	logs := checking(&cobra.Command{Use: "log LOG", Short: "Does a downloaded log hold?", Args: cobra.ExactArgs(1), Long: "Derive the tree of a log anew from its leaves and check everything its files say." + exitCodes},
		func(cmd *cobra.Command, args []string) error { return verifyLog(cmd.OutOrStdout(), args[0]) })
	diff := checking(&cobra.Command{Use: "diff OLD NEW", Short: "Does a newer copy of a log extend an older one?", Args: cobra.ExactArgs(2), Long: "Check that nothing that stood in an older copy of a log is changed or gone in a newer one." + exitCodes},
		func(cmd *cobra.Command, args []string) error {
			return verifyDiff(cmd.OutOrStdout(), args[0], args[1])
		})
	var boxFile string
	var shares []string
	tally := checking(&cobra.Command{Use: "tally RESULT", Short: "Does a result follow from the box?", Args: cobra.ExactArgs(1), Long: "Open the sealed box again with shares and compare the result, byte for byte." + exitCodes},
		func(cmd *cobra.Command, args []string) error {
			return verifyTally(cmd, args[0], boxFile, shares)
		})
	tally.Flags().StringVar(&boxFile, "box", "", "the sealed box, sealed.json of the portal")
	shareFlag(tally, &shares)
	_ = tally.MarkFlagRequired("box")
	cmd.AddCommand(receipt, logs, diff, tally)
	return cmd
}

func shareFlag(cmd *cobra.Command, shares *[]string) {
	cmd.Flags().StringArrayVar(shares, "share", nil, "file with a share as printed, once a share; - reads one from standard input, a line each")
}

// openLog reads a downloaded log, archive or folder.
func openLog(path string) (*ballotlog.Copy, error) {
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
	return c, nil
}

func verifyLog(out io.Writer, path string) error {
	c, err := openLog(path)
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
	if !r.OK() {
		return wrong("the log does not hold: %d findings", len(r.Findings))
	}
	fmt.Fprintln(out, "the log holds")
	return nil
}

func verifyDiff(out io.Writer, older, newer string) error {
	a, err := openLog(older)
	if err != nil {
		return err
	}
	b, err := openLog(newer)
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

func verifyReceipt(out io.Writer, file, log, card, word string) error {
	msg, err := os.ReadFile(file)
	if err != nil {
		return unable("%v", err)
	}
	c, err := openLog(log)
	if err != nil {
		return err
	}
	o := c.VerifyReceipt(msg, card, word, string(calendar.DateOf(time.Now())))
	for _, p := range o.Findings {
		fmt.Fprintln(out, "WRONG  ", p.Text)
	}
	if len(o.Findings) > 0 {
		return wrong("the receipt does not hold")
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

// readShares reads shares from files, or from standard input.
func readShares(cmd *cobra.Command, files []string) ([]tallykey.Share, error) {
	var out []tallykey.Share
	for _, f := range files {
		var b []byte
		var err error
		if f == "-" {
			b, err = io.ReadAll(cmd.InOrStdin())
		} else {
			b, err = os.ReadFile(f)
		}
		if err != nil {
			return nil, unable("%v", err)
		}
		texts := []string{string(b)}
		if f == "-" {
			texts = strings.Split(strings.TrimSpace(string(b)), "\n")
		}
		for i, text := range texts {
			s, err := tallykey.ParseShare(text)
			if err != nil {
				return nil, unable("share %d of %s: %v", i+1, f, err)
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// openBox opens the sealed box of a file and counts it.
func openBox(cmd *cobra.Command, file string, shareFiles []string) (*evaluation.SealedBox, *evaluation.Tally, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, unable("%v", err)
	}
	var box evaluation.SealedBox
	if err := json.Unmarshal(b, &box); err != nil {
		return nil, nil, unable("%s is no sealed box: %v", file, err)
	}
	shares, err := readShares(cmd, shareFiles)
	if err != nil {
		return nil, nil, err
	}
	t, err := box.Open(shares...)
	var stop *ballotbox.TallyError
	switch {
	case errors.As(err, &stop), errors.Is(err, merkle.ErrSignature), errors.Is(err, ballotbox.ErrCounted):
		return nil, nil, wrong("the tally stops: %v", err)
	case err != nil:
		return nil, nil, unable("%v", err)
	}
	return &box, t, nil
}

func verifyTally(cmd *cobra.Command, result, box string, shares []string) error {
	have, err := os.ReadFile(result)
	if err != nil {
		return unable("%v", err)
	}
	_, t, err := openBox(cmd, box, shares)
	if err != nil {
		return err
	}
	want, sum, err := t.Canonical()
	if err != nil {
		return err
	}
	if !bytes.Equal(have, want) {
		return wrong("the result is not what the box gives: SHA-256 should be %x", sum)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "the result follows from the box: %d ballots, SHA-256 %x\n", t.Counted, sum)
	return nil
}

func tallyCommand() *cobra.Command {
	var box, out, lang string
	var shares []string
	cmd := checking(&cobra.Command{Use: "tally", Short: "Open a sealed box with shares and count it, on a machine without network", Args: cobra.NoArgs,
		Long: "Open a sealed box with shares and count it. It stops at a ballot that was changed, is missing or does\nnot belong there. It writes result.json, which the portal takes over, and protocol.txt to be signed;\ntotals alone, never a ballot." + exitCodes},
		func(cmd *cobra.Command, _ []string) error {
			b, t, err := openBox(cmd, box, shares)
			if err != nil {
				return err
			}
			return writeTally(cmd.OutOrStdout(), b, t, out, lang)
		})
	cmd.Flags().StringVar(&box, "box", "", "the sealed box, sealed.json of the portal")
	cmd.Flags().StringVar(&out, "out", "", "folder for the result")
	cmd.Flags().StringVar(&lang, "lang", locale.Chinese, "language of the protocol: zh-CN, en, ru")
	shareFlag(cmd, &shares)
	_ = cmd.MarkFlagRequired("box")
	_ = cmd.MarkFlagRequired("out")
	cmd.AddCommand(tallyKeyCommand())
	return cmd
}

func writeTally(out io.Writer, b *evaluation.SealedBox, t *evaluation.Tally, dir, lang string) error {
	doc, sum, err := t.Canonical()
	if err != nil {
		return err
	}
	catalogue, err := locale.Load()
	if err != nil {
		return err
	}
	if !locale.Known(lang) {
		return unable("--lang: %q is none of zh-CN, en, ru", lang)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unable("%v", err)
	}
	text := protocol(catalogue.In(lang), b, t, hex.EncodeToString(sum[:]))
	for name, body := range map[string][]byte{"result.json": doc, "protocol.txt": []byte(text)} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			return unable("%v", err)
		}
	}
	fmt.Fprint(out, text)
	return nil
}

// protocol is the record to be signed.
func protocol(tr *locale.Translator, b *evaluation.SealedBox, t *evaluation.Tally, sum string) string {
	var w strings.Builder
	line := func(key, value string) { fmt.Fprintf(&w, "%s: %s\n", tr.T(key), value) }
	fmt.Fprintf(&w, "%s\n%s\n\n", tr.T("protocol.title"), b.Title.In(tr.Lang()))
	line("log.origin", t.Origin)
	line("log.leaves", fmt.Sprint(t.LogSize))
	line("log.root", t.LogRoot)
	line("log.counted", fmt.Sprint(t.Counted))
	line("log.counted-root", t.CountedRoot)
	line("protocol.scheme", t.Scheme)
	for _, g := range t.ByGroup {
		fmt.Fprintf(&w, "  %s: %d\n", tr.T("group."+g.Group), g.Ballots)
	}
	line("log.tally-hash", sum)
	line("protocol.version", version+" "+programHash())
	line("protocol.at", tr.DateTime(time.Now()))
	fmt.Fprintf(&w, "\n%s\n\n%s  ______________________\n\n%s  ______________________\n", tr.T("protocol.words"), tr.T("protocol.present"), tr.T("protocol.keeper"))
	return w.String()
}

// programHash is the SHA-256 of the running program, for the record.
func programHash() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

func tallyKeyCommand() *cobra.Command {
	var campaign int64
	var threshold, count int
	var out string
	cmd := checking(&cobra.Command{Use: "key", Short: "Make the tally key of a campaign on a machine without network", Args: cobra.NoArgs,
		Long: "Make a tally key and write its shares, one file each to be printed and then deleted, and public.json,\nwhich is pasted into the portal."},
		func(cmd *cobra.Command, _ []string) error {
			pub, shares, err := tallykey.Make(campaign, threshold, count)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(out, 0o700); err != nil {
				return err
			}
			doc, err := json.Marshal(pub)
			if err != nil {
				return err
			}
			files := map[string][]byte{"public.json": append(doc, '\n')}
			for _, s := range shares {
				files[fmt.Sprintf("share-%d.txt", s.Number)] = []byte(s.Text() + "\n")
			}
			for name, body := range files {
				f, err := os.OpenFile(filepath.Join(out, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if err != nil {
					return err
				}
				if _, err := f.Write(body); err != nil {
					return err
				}
				if err := f.Close(); err != nil {
					return err
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "key %s of campaign %d: any %d of %d shares open\nprint %s/share-*.txt, hand the sheets out, then delete the files\n", pub.Name(), campaign, threshold, count, out)
			return nil
		})
	cmd.Flags().Int64Var(&campaign, "campaign", 0, "number of the campaign in the portal")
	cmd.Flags().IntVar(&threshold, "threshold", 2, "shares that open")
	cmd.Flags().IntVar(&count, "shares", 3, "shares in all")
	cmd.Flags().StringVar(&out, "out", "", "folder for the files; nothing in it is overwritten")
	_ = cmd.MarkFlagRequired("campaign")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

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
