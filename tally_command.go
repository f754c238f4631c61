package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/tallykey"
	"pingyi/locale"
	"pingyi/merkle"
)

// The tally and its key, on a machine that needs neither database nor network.

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
