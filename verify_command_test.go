package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pingyi/evaluation/boxtest"
	"pingyi/merkle"
)

// desk is a folder of somebody who does not want to believe the portal.
type desk struct {
	t   *testing.T
	dir string
	box *boxtest.Box
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), box: boxtest.New(t, 30, 3)}
	d.log("log")
	d.write("receipt.txt", d.box.Receipts[4])
	d.json("sealed.json", d.box.Sealed)
	for i, s := range d.box.Shares {
		d.write([]string{"share-1", "share-2", "share-3"}[i], []byte(s.Text()+"\n"))
	}
	return d
}

func (d *desk) path(name string) string { return filepath.Join(d.dir, name) }

func (d *desk) write(name string, body []byte) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(d.path(name)), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(d.path(name), body, 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) json(name string, v any) {
	d.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	d.write(name, b)
}

// log writes the public files as they are now into a folder.
func (d *desk) log(folder string) {
	d.t.Helper()
	files, err := d.box.Copy.Files()
	if err != nil {
		d.t.Fatal(err)
	}
	for name, body := range files {
		d.write(filepath.Join(folder, name), body)
	}
}

// run runs a command and expects an exit code and words.
func (d *desk) run(code int, says string, args ...string) {
	d.t.Helper()
	for i, a := range args {
		if rest, ok := strings.CutPrefix(a, "@"); ok {
			args[i] = d.path(rest)
		}
	}
	var out bytes.Buffer
	cmd := root(map[string]string{})
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	ran, err := cmd.ExecuteContextC(d.t.Context())
	if err != nil {
		out.WriteString(err.Error())
	}
	if got := exitCode(ran, err); got != code || !strings.Contains(out.String(), says) {
		d.t.Errorf("pingyi %s: exit code %d, want %d, and %q in\n%s", strings.Join(args, " "), got, code, says, out.String())
	}
}

// The verifier on files, without network or database: exit code 0 for what is in
// order, 1 for what is wrong, with the row, 2 for what cannot be checked.
func TestVerifyCommands(t *testing.T) {
	d := newDesk(t)
	card := d.box.Cards[4].Text()
	d.run(0, "the log holds", "verify", "log", "@log")
	d.run(0, "witnessed up to 30", "verify", "log", "@log", "--log-key", d.box.LogKey, "--witness-key", d.box.WitnessKey)
	d.run(0, "COUNTED", "verify", "receipt", "@receipt.txt", "--log", "@log")
	d.run(0, "made with this card and this word", "verify", "receipt", "@receipt.txt", "--log", "@log", "--card", strings.ToLower(card), "--word", " "+boxtest.Word)
	d.run(0, "COUNTED", "verify", "card", "--log", "@log", "--card", card, "--word", boxtest.Word)
	d.run(0, "30 ballots, then 30", "verify", "diff", "@log", "@log")

	d.run(1, "signed by another key than yours", "verify", "log", "@log", "--log-key", d.box.WitnessKey)
	_, other, err := merkle.KeyFile(d.path("other"), "chamber")
	if err != nil {
		t.Fatal(err)
	}
	d.run(1, "no witness of yours", "verify", "log", "@log", "--witness-key", other)
	d.run(2, "--witness-key", "verify", "log", "@log", "--witness-key", "chamber+1+x")
	d.run(1, "another rater's", "verify", "receipt", "@receipt.txt", "--log", "@log", "--card", card, "--word", "海里的鱼")
	d.run(1, "does not belong to this card", "verify", "receipt", "@receipt.txt", "--log", "@log", "--card", d.box.Cards[5].Text(), "--word", boxtest.Word)
	d.run(1, "somebody else may have used the card", "verify", "card", "--log", "@log", "--card", card, "--word", "海里的鱼")
	d.write("changed.txt", bytes.Replace(d.box.Receipts[4], []byte("\nG1\n"), []byte("\nG2\n"), 1))
	d.run(1, "WRONG", "verify", "receipt", "@changed.txt", "--log", "@log")

	leaves := slices.Clone(d.box.Copy.Leaves)
	d.box.Copy.Leaves = slices.Delete(slices.Clone(leaves), 4, 5)
	d.log("dropped")
	d.run(1, "the end was cut off", "verify", "log", "@dropped")
	d.run(1, "leaves.txt, row 5: is another ballot", "verify", "diff", "@log", "@dropped")
	d.run(1, "promised by 2026-12-05", "verify", "receipt", "@receipt.txt", "--log", "@dropped")
	d.run(1, "no ballot of this card", "verify", "card", "--log", "@dropped", "--card", card, "--word", boxtest.Word)

	d.run(2, "", "verify", "log", "@nothing")
	d.run(2, "neither a folder nor an archive", "verify", "log", "@receipt.txt")
	d.run(2, "", "verify", "receipt", "@nothing", "--log", "@log")
	d.run(2, "", "verify", "card", "--log", "@log")
	d.run(2, "", "verify", "diff", "@log")
	d.run(2, "", "verify", "log", "@log", "--nonsense")
}

// The tally on a machine without network: it opens with any two shares, stops at
// any ballot that was touched and names it; its result can be checked again.
func TestTallyCommand(t *testing.T) {
	d := newDesk(t)
	d.run(0, "30", "tally", "--box", "@sealed.json", "--share", "@share-1", "--share", "@share-3", "--out", "@out", "--lang", "en")
	d.run(0, "the result follows from the box: 30 ballots", "verify", "tally", "@out/result.json", "--box", "@sealed.json", "--share", "@share-2", "--share", "@share-3")
	for _, name := range []string{"out/result.json", "out/protocol.txt"} {
		if _, err := os.Stat(d.path(name)); err != nil {
			t.Error(err)
		}
	}
	result, err := os.ReadFile(d.path("out/result.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{`"rater"`, `"salt"`, `"comment"`, base64.StdEncoding.EncodeToString(d.box.Cards[0].Secret.Slot(boxtest.Campaign))} {
		if bytes.Contains(result, []byte(secret)) {
			t.Errorf("the result holds %s", secret)
		}
	}
	d.write("result.json", bytes.Replace(result, []byte(`"counted":30`), []byte(`"counted":31`), 1))
	d.run(1, "not what the box gives", "verify", "tally", "@result.json", "--box", "@sealed.json", "--share", "@share-1", "--share", "@share-2")

	d.run(2, "", "tally", "--box", "@sealed.json", "--share", "@share-1", "--out", "@out")
	d.run(2, "", "tally", "--box", "@sealed.json", "--share", "@share-1", "--share", "@share-1", "--out", "@out")
	d.run(2, "share 1", "tally", "--box", "@sealed.json", "--share", "@receipt.txt", "--share", "@share-1", "--out", "@out")
	d.run(2, "no sealed box", "tally", "--box", "@receipt.txt", "--share", "@share-1", "--share", "@share-2", "--out", "@out")

	stop := func(says string) {
		t.Helper()
		d.json("touched.json", d.box.Sealed)
		d.run(1, says, "tally", "--box", "@touched.json", "--share", "@share-1", "--share", "@share-2", "--out", "@out")
	}
	all := d.box.Sealed.Ballots
	swapped := slices.Clone(all)
	swapped[6].Box, swapped[7].Box = swapped[7].Box, swapped[6].Box
	d.box.Sealed.Ballots = swapped
	stop("ballot 6 of the log: says something else")
	altered := slices.Clone(all)
	altered[9].Box = bytes.Clone(altered[9].Box)
	altered[9].Box[50] ^= 1
	d.box.Sealed.Ballots = altered
	stop("ballot 9 of the log: cannot be opened")
	d.box.Sealed.Ballots = slices.Delete(slices.Clone(all), 3, 4)
	stop("ballot 3 of the log: missing")
	d.box.Sealed.Ballots = append(slices.Clone(all), all[2])
	stop("ballot 2 of the log: not in the counted set")
}
