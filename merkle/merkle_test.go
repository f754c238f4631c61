package merkle

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// The roots of RFC 6962's example tree, as published with Certificate
// Transparency's reference implementation (merkle tree test vectors).
func TestRootsOfCertificateTransparency(t *testing.T) {
	leaves := []string{"", "\x00", "\x10", "\x20\x21", "\x30\x31", "\x40\x41\x42\x43",
		"\x50\x51\x52\x53\x54\x55\x56\x57", "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"}
	want := []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}
	tree := &Tree{}
	for i, leaf := range leaves {
		if err := tree.Add(tlog.RecordHash([]byte(leaf))); err != nil {
			t.Fatal(err)
		}
		root, err := tree.Root(int64(i + 1))
		if err != nil || fmt.Sprintf("%x", root[:]) != want[i] {
			t.Errorf("%d leaves: %x, %v; want %s", i+1, root, err, want[i])
		}
	}
}

// Whatever the batches, the stored hashes and the roots are the same.
func TestExtendInBatches(t *testing.T) {
	whole := &Tree{}
	var leaves []Hash
	for i := range 137 {
		leaves = append(leaves, tlog.RecordHash([]byte(fmt.Sprint(i))))
		if err := whole.Add(leaves[i]); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []int{1, 2, 7, 20, 64, 137} {
		grown := &Tree{}
		for at := 0; at < len(leaves); at += step {
			end := min(at+step, len(leaves))
			first, nodes, err := Extend(int64(at), leaves[at:end], grown)
			if err != nil || first != int64(len(grown.nodes)) {
				t.Fatal(first, err)
			}
			root, err := RootOf(int64(end), first, nodes, grown)
			want, _ := whole.Root(int64(end))
			if err != nil || root != want {
				t.Errorf("batches of %d, %d leaves: %v, %v; want %v", step, end, root, err, want)
			}
			grown.nodes, grown.Size = append(grown.nodes, nodes...), int64(end)
		}
	}
}

func TestCheckpointAndSignatures(t *testing.T) {
	dir := t.TempDir()
	signer, key, err := KeyFile(filepath.Join(dir, "log"), "example/ballots/1")
	if err != nil {
		t.Fatal(err)
	}
	witness, wkey, err := KeyFile(filepath.Join(dir, "witness"), "chamber")
	if err != nil {
		t.Fatal(err)
	}
	c := Checkpoint{Origin: "example/ballots/1", Size: 3, Root: tlog.RecordHash([]byte("root"))}
	msg, err := Sign(c.Text(), signer)
	if err != nil {
		t.Fatal(err)
	}
	got, n, err := Open(msg, key)
	if err != nil || got != c {
		t.Fatalf("%+v, %v", got, err)
	}
	line, err := Cosign(n, witness)
	if err != nil {
		t.Fatal(err)
	}
	both := append(append([]byte{}, msg...), line...)
	if _, n, err = Open(both, key, wkey); err != nil || len(n.Sigs) != 2 {
		t.Errorf("cosigned: %v", err)
	}
	if _, _, err := Open([]byte(c.Text()+"\n"+line), key, wkey); !errors.Is(err, ErrSignature) {
		t.Errorf("a witness alone: %v, want ErrSignature", err)
	}
	for _, change := range [][2]string{{"\n3\n", "\n4\n"}, {"ballots/1\n", "ballots/2\n"}} {
		if _, _, err := Open([]byte(strings.Replace(string(msg), change[0], change[1], 1)), key); !errors.Is(err, ErrSignature) {
			t.Errorf("%q changed to %q: %v", change[0], change[1], err)
		}
	}
}

// Processes that start together agree on one key.
func TestKeyFileIsMadeOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	var mu sync.Mutex
	keys := map[string]bool{}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			_, key, err := KeyFile(file, "one")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			keys[key] = true
		})
	}
	wg.Wait()
	if len(keys) != 1 {
		t.Errorf("%d keys", len(keys))
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add(Checkpoint{Origin: "example/ballots/1", Size: 3, Root: tlog.RecordHash([]byte("x"))}.Text())
	f.Add("a\n-1\n\n")
	f.Add("a\n03\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ParseCheckpoint(text); err == nil && c.Text() != text {
			t.Errorf("%q is written as %q", text, c.Text())
		}
	})
}
