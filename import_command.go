package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"pingyi/county"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pingyi/fault"
	"pingyi/locale"
	"pingyi/org"
	"pingyi/org/roster"
)

// errDefects ends the command with a failure when the file cannot be brought in.
var errDefects = errors.New("nothing was written")

func importCommand(environ map[string]string) *cobra.Command {
	var commit bool
	var login, lang string
	cmd := &cobra.Command{Use: "import units|companies|contacts FILE", Short: "Check an xlsx or csv file row by row; with --commit, bring it in",
		Long: "Check a file of units, companies or contacts row by row against what is on record.\nNothing changes without --commit; with it, the whole file is written or nothing.",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			content, err := os.ReadFile(args[1])
			if err != nil {
				return err
			}
			catalogue, err := locale.Load()
			if err != nil {
				return err
			}
			return with(cmd.Context(), environ, func(ctx context.Context, _ settings, d *databases, s county.Stores) error {
				by, err := s.Org.ActorOf(ctx, login)
				if err != nil {
					return fmt.Errorf("account %q: %w", login, err)
				}
				i := importer{kind: roster.Kind(args[0]), by: by, store: roster.NewStore(d.portal, time.Now), words: catalogue.In(lang), catalogue: catalogue, out: cmd.OutOrStdout()}
				return i.run(ctx, content, commit)
			})
		}}
	cmd.Flags().BoolVar(&commit, "commit", false, "write the file when it has no defects")
	cmd.Flags().StringVar(&login, "as", "operator", "the account in whose name it is done")
	cmd.Flags().StringVar(&lang, "lang", locale.English, "language of the report: zh-CN, en, ru")
	return cmd
}

type importer struct {
	kind      roster.Kind
	by        org.Actor
	store     *roster.Store
	words     *locale.Translator
	catalogue *locale.Catalogue
	out       io.Writer
}

func (i importer) run(ctx context.Context, content []byte, commit bool) error {
	words := roster.NewWords(func(key string) []string {
		var all []string
		for _, lang := range locale.Languages {
			if t := i.catalogue.In(lang); t.Has(key) {
				all = append(all, t.T(key))
			}
		}
		return all
	})
	rows, err := roster.Read(i.kind, content, words)
	if err != nil {
		return i.explain(err)
	}
	quiet := func(string, int, int) {}
	r, err := i.store.Check(ctx, i.by, i.kind, rows, quiet)
	if err != nil {
		return i.explain(err)
	}
	for _, l := range r.Lines {
		for _, d := range l.Defects {
			fmt.Fprintf(i.out, "%d\t%s\t%s: %s\n", l.No, l.Key, i.words.T(roster.ColumnKey(d.Column)), i.words.T(d.Text.Key, d.Text.Args...))
		}
	}
	for _, st := range []roster.Status{roster.New, roster.Changed, roster.Same, roster.Bad} {
		fmt.Fprintf(i.out, "%s: %d\n", i.words.T("import.status-"+string(st)), r.Count[st])
	}
	switch {
	case r.Count[roster.Bad] > 0:
		return errDefects
	case !commit || !r.Ready():
		fmt.Fprintln(i.out, i.words.T("import.nothing-changed"))
		return nil
	}
	if r, err = i.store.Write(ctx, i.by, i.kind, rows, r.Mark, quiet); err != nil {
		return i.explain(err)
	}
	fmt.Fprintln(i.out, i.words.T("import.done", "New", r.Count[roster.New], "Changed", r.Count[roster.Changed]))
	return nil
}

// explain turns a fault into a sentence.
func (i importer) explain(err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	texts := []string{}
	for _, t := range f.Fields {
		texts = append(texts, i.say(t))
	}
	if len(texts) == 0 {
		texts = append(texts, i.say(f.Text))
	}
	return errors.New(strings.Join(texts, " "))
}

func (i importer) say(t fault.Text) string {
	args := make([]any, len(t.Args))
	for n, a := range t.Args {
		if inner, ok := a.(fault.Text); ok {
			a = i.say(inner)
		}
		args[n] = a
	}
	return i.words.T(t.Key, args...)
}
