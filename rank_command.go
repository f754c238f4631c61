package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"pingyi/evaluation/league"
	"pingyi/evaluation/mixed"
	"pingyi/evaluation/rank"
)

// rankFlags are what the command line asks for.
type rankFlags struct {
	league.Options
	ml, json  bool
	estimates string
}

const rankHelp = `Rank departments from a file of ratings. A mixed model takes out who rated whom: lenient and harsh
raters, and the facts named with --fixed. Each rank comes with its confidence set, and departments
that the data cannot tell apart share a tier. No database is needed. See docs/rank.md.

FILE is csv (comma, semicolon, tab; .gz too) or xlsx, a row a rating; - reads standard input. Rows
with an empty score are skipped. Fixed columns of numbers enter as numbers, others as categories.

With --estimates FILE.json the sets are made for estimates that come from elsewhere: an object with
theta, se or Sigma, and optionally coverage, cstype, stepdown, simul, indices, names, kind, tau.

The same ratings give the same bytes, in whatever order the rows are.

Exit code 0: done. 2: the command line or the data do not do, and why. 1: anything else.`

func rankCommand() *cobra.Command {
	var f rankFlags
	cmd := checking(&cobra.Command{Use: "rank FILE --rater COL --department COL --score COL", Short: "Rank departments from a file of ratings, fairly and with intervals", Long: rankHelp, Args: cobra.MaximumNArgs(1),
		Example: "  pingyi rank ratings.csv --rater company --department department --score overall --fixed sector\n  pingyi rank --estimates pisa.json --json"},
		func(cmd *cobra.Command, args []string) error {
			if f.ml {
				f.Method = mixed.ML
			}
			if f.estimates != "" {
				return f.rankEstimates(cmd, args)
			}
			return f.rankRatings(cmd, args)
		})
	flags := cmd.Flags()
	flags.StringVar(&f.Columns.Rater, "rater", "", "column of the rater")
	flags.StringVar(&f.Columns.Department, "department", "", "column of the department")
	flags.StringVar(&f.Columns.Score, "score", "", "column of the score, larger is better")
	flags.StringArrayVar(&f.Columns.Fixed, "fixed", nil, "column of a fact to adjust for, once a column")
	flags.StringArrayVar(&f.Columns.Factors, "factor", nil, "column of a further grouping with random effects, once a column")
	flags.BoolVar(&f.ml, "ml", false, "maximum likelihood instead of REML: for comparing models")
	flags.BoolVar(&f.WithRaters, "raters", false, "list the raters too")
	flags.BoolVar(&f.NoSets, "no-sets", false, "ranks without sets and tiers: a quick look at very many departments")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	flags.IntVar(&f.Minimum.Raters, "min-raters", 10, "raters that a department needs to be ranked")
	flags.Float64Var(&f.Minimum.Reliability, "min-reliability", 0.7, "reliability that a department needs to be ranked, 0 to 1")
	flags.Float64Var(&f.Coverage, "coverage", 0.95, "probability that all true ranks lie in their sets")
	flags.IntVar(&f.Draws, "draws", 0, "random draws behind the sets; 0: 40,000, fewer from 159 departments on")
	flags.Uint64Var(&f.Seed, "seed", rank.DefaultSeed, "start of the random draws")
	flags.StringVar(&f.estimates, "estimates", "", "file of estimates in JSON instead of ratings; - for standard input")
	return cmd
}

func (f *rankFlags) rankRatings(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return unable("name one file of ratings, or --estimates")
	}
	if err := f.Columns.Check(); err != nil {
		return unable("--rater, --department, --score, --fixed, --factor: %w", err)
	}
	content, err := readInput(cmd, args[0])
	if err != nil {
		return unable("%w", err)
	}
	table, err := league.Read(content, f.Columns.Names())
	if err != nil {
		return unable("%s: %w", args[0], err)
	}
	result, err := league.Compute(table, f.Options)
	if err != nil {
		return unable("%s: %w", args[0], err)
	}
	return f.answer(cmd, result, result.Write)
}

func (f *rankFlags) rankEstimates(cmd *cobra.Command, args []string) error {
	if len(args) != 0 || f.Columns.Rater != "" || f.Columns.Department != "" || f.Columns.Score != "" {
		return unable("--estimates takes neither a file of ratings nor its columns")
	}
	content, err := readInput(cmd, f.estimates)
	if err != nil {
		return unable("%w", err)
	}
	question, err := league.ParseQuestion(content)
	if err != nil {
		return unable("%s: %w", f.estimates, err)
	}
	answer, err := league.Sets(question, rank.Options{Coverage: f.Coverage, Draws: f.Draws, Seed: f.Seed})
	if err != nil {
		return unable("%s: %w", f.estimates, err)
	}
	return f.answer(cmd, answer, answer.Write)
}

// readInput reads a file, or standard input for "-", but not without end.
func readInput(cmd *cobra.Command, name string) ([]byte, error) {
	in := cmd.InOrStdin()
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	content, err := io.ReadAll(io.LimitReader(in, league.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return content, nil
}

// answer prints JSON or text. That it cannot be written is no fault of the data.
func (f *rankFlags) answer(cmd *cobra.Command, result any, write func(io.Writer) error) error {
	out := cmd.OutOrStdout()
	var err error
	if f.json {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(result)
	} else {
		err = write(out)
	}
	if err != nil {
		return wrong("the result cannot be written: %w", err)
	}
	return nil
}
