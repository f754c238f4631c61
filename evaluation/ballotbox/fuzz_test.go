package ballotbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"
)

func sample() Leaf {
	s := Secret{1, 2, 3}
	return Leaf{Campaign: 7, Group: "G2", Slot: s.Slot(7), Version: 3, Word: s.WordHash("白桦"), Commit: CommitTo([]byte("payload"))}
}

func FuzzParseLeaf(f *testing.F) {
	f.Add(sample().String())
	f.Add("pingyi-ballot/v1\n7\nG1\n\n1\n\n\n")
	f.Add("pingyi-ballot/v1\n07\nG1\nAAAA\n1\nAAAA\nAAAA\n")
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := ParseLeaf(text); err == nil && l.String() != text {
			t.Errorf("%q is written as %q", text, l.String())
		}
	})
}

func FuzzReadReceipt(f *testing.F) {
	text := Receipt{Leaf: sample(), MergeBy: "2026-11-25"}.text()
	f.Add([]byte(text + "\n— x AAAA\n"))
	f.Add([]byte(text))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, msg []byte) {
		r, err := ReadReceipt(msg)
		if err == nil && !bytes.HasPrefix(bytes.ReplaceAll(msg, []byte("\r\n"), []byte("\n")), []byte(r.text())) {
			t.Errorf("%q reads as %q", msg, r.text())
		}
		_, _ = OpenReceipt(msg, "x+00000000+AAAA")
		_, _ = OpenCounted(msg, "x+00000000+AAAA")
	})
}

func FuzzReadPayload(f *testing.F) {
	p := Payload{Campaign: 7, Scheme: "nj-default/1", Group: "G1", Rater: "cg==", Salt: base64.StdEncoding.EncodeToString(make([]byte, 32)),
		Lines: []Line{{Unit: 3, Answers: map[string]string{"I1": "vs", "I2": "na"}, Reasons: map[string][]string{"I1": {"late"}}, Comment: "好"}}}
	body, err := json.Marshal(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte(`{"campaign":7,"campaign":8}`))
	f.Add([]byte(`{"lines":[null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := ReadPayload(body)
		if err != nil {
			return
		}
		if again, err := json.Marshal(p); err != nil || !bytes.Equal(again, body) {
			t.Errorf("%q is written as %q", body, again)
		}
	})
}
