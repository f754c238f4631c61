package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/width"

	"pingyi/evaluation"
	"pingyi/locale"
	"pingyi/org"
)

// recomputation is what the command is asked.
type recomputation struct {
	file   string
	expect string
	lang   string
	json   bool
}

func recomputeCommand() *cobra.Command {
	r := recomputation{}
	cmd := checking(&cobra.Command{Use: "recompute FILE", Short: "Does a year's ranking follow from its snapshot?", Args: cobra.ExactArgs(1),
		Long: "Compute a year's ranking anew from its snapshot alone, without database and network, and hold it\nagainst the seal. docs/snapshot-format.md describes the file, so that another program can do the same." + exitCodes},
		func(cmd *cobra.Command, args []string) error {
			r.file = args[0]
			return r.run(cmd.OutOrStdout())
		})
	cmd.Flags().StringVar(&r.expect, "expect", "", "SHA-256 that the file must have, as published and signed")
	cmd.Flags().StringVar(&r.lang, "lang", locale.English, "language of the tables: zh-CN, en, ru")
	cmd.Flags().BoolVar(&r.json, "json", false, "print the ranking alone, in its canonical bytes")
	return cmd
}

func (r recomputation) run(out io.Writer) error {
	if !locale.Known(r.lang) {
		return unable("language %q is not known: zh-CN, en, ru", r.lang)
	}
	expect := strings.ToLower(strings.ReplaceAll(r.expect, " ", ""))
	if b, err := hex.DecodeString(expect); expect != "" && (err != nil || len(b) != 32) {
		return unable("--expect: a SHA-256 has 64 hexadecimal digits")
	}
	doc, err := os.ReadFile(r.file)
	if err != nil {
		return unable("%v", err)
	}
	snap, err := evaluation.ReadSnapshot(doc)
	var broken *evaluation.SnapshotError
	switch {
	case errors.As(err, &broken):
		return wrong("%s: %w", r.file, err)
	case err != nil:
		return unable("%s: %v", r.file, err)
	}
	file, err := snap.Hash()
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(file[:]); expect != "" && got != expect {
		return wrong("%s: the file has the hash %s, not the one expected", r.file, got)
	}
	canonical, ranking, err := snap.Ranking().Canonical()
	if err != nil {
		return err
	}
	if r.json {
		_, err := out.Write(canonical)
		return err
	}
	catalogue, err := locale.Load()
	if err != nil {
		return err
	}
	t := catalogue.In(r.lang)
	fmt.Fprintln(out, t.T("results.title", "Year", snap.Header.Year))
	fmt.Fprintf(out, "%s %x\n%s %x\n", t.T("recompute.file"), file, t.T("recompute.ranking"), ranking)
	if snap.Seal == nil {
		fmt.Fprintln(out, t.T("recompute.unsealed"))
	} else {
		fmt.Fprintln(out, t.T("recompute.sealed"))
	}
	rankingTables(out, t, snap)
	return nil
}

// rankingTables prints a table for each class.
func rankingTables(out io.Writer, t *locale.Translator, snap *evaluation.Snapshot) {
	units := map[org.UnitID]evaluation.SnapshotUnit{}
	for _, u := range snap.Units {
		units[u.Unit] = u
	}
	class, table := 0, [][]string(nil)
	flush := func() {
		if class != 0 {
			fmt.Fprintf(out, "\n%s\n", t.T("class."+strconv.Itoa(class)))
			printTable(out, table)
		}
	}
	for _, st := range snap.Standings() {
		if st.Class != class {
			flush()
			class, table = st.Class, [][]string{{t.T("results.rank"), t.T("recompute.code"), t.T("results.unit"), t.T("results.total"), t.T("results.grade"), t.T("results.tier"), t.T("results.lists")}}
		}
		u := units[st.Unit]
		place, tier := "–", ""
		if st.Rank > 0 {
			place, tier = strconv.Itoa(st.Rank), strconv.Itoa(st.Tier)
		}
		var lists []string
		for _, code := range st.Lists {
			lists = append(lists, snap.Scheme.ListName(code).In(t.Lang()))
		}
		grade := snap.Scheme.GradeName(st.Result.Grade).In(t.Lang())
		if st.Status != evaluation.Ranked {
			lists = append(lists, t.T("results.status-"+string(st.Status)))
		}
		table = append(table, []string{place, u.Code, u.Name.In(t.Lang()), st.Result.Total.Text(snap.Scheme.Total.Decimals), grade, tier, strings.Join(lists, ", ")})
	}
	flush()
}

// printTable prints rows in columns; the first, the fourth and the sixth are numbers
// and stand to the right.
func printTable(out io.Writer, rows [][]string) {
	wide := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			wide[i] = max(wide[i], columns(cell))
		}
	}
	for _, r := range rows {
		line := ""
		for i, cell := range r {
			pad := strings.Repeat(" ", wide[i]-columns(cell))
			if i == 0 || i == 3 || i == 5 {
				line += pad + cell + "  "
			} else {
				line += cell + pad + "  "
			}
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
}

// columns is how many columns of a terminal a text takes: a Chinese character takes two.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
