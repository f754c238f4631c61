package server

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/mod/sumdb/tlog"

	"pingyi/evaluation"
	"pingyi/evaluation/ballotbox"
	"pingyi/evaluation/ballotlog"
	"pingyi/fault"
	"pingyi/merkle"
	"pingyi/templates"
	"pingyi/witness"
)

// logRoutes: the public log of each campaign, for everybody and for witnesses.
func (s *Server) logRoutes() []route {
	return []route{
		get("/log", anyone, s.logs),
		get("/log/:campaign", anyone, s.ballotLog),
		get("/log/:campaign/checkpoint", anyone, s.logCheckpoint),
		get("/log/:campaign/proof", anyone, s.logProof),
		post("/log/:campaign/cosignature", anyone, s.logCosign),
		get("/log/:campaign/files/*file", anyone, s.logFile),
		get("/hall/:campaign", anyone, s.hall),
	}
}

type logsPage struct {
	templates.Page
	Rows []logRow
}

type logRow struct {
	evaluation.Campaign
	Name string
}

func (s *Server) logs(c *gin.Context) error {
	p := logsPage{Page: s.page(c, "log.list")}
	all, err := s.Evaluation.Campaigns(c.Request.Context())
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.State != "preparing" {
			p.Rows = append(p.Rows, logRow{k, evaluation.CampaignTitle(k.Year, k.Kind).In(p.Lang())})
		}
	}
	s.show(c, http.StatusOK, "log/list", &p)
	return nil
}

type logPage struct {
	templates.Page
	Campaign    evaluation.Campaign
	Facts       ballotlog.Facts
	Leaves      int
	Counted     int
	CountedRoot []string // in groups of four, for the notice board
	Checkpoints []logCheckpoint
	Latest      logCheckpoint
	Unwitnessed bool // for 48 hours and more
	Witnesses   []string
	Check       string // address of the receipt check
	KeyName     string
	Report      *ballotlog.Report
}

type logCheckpoint struct {
	File  string
	Size  int64
	Root  []string
	By    []string // offices that cosigned
	Older bool
}

// groups writes a hash as people compare it aloud: sixteen groups of four.
func groups(h []byte) []string {
	text := hex.EncodeToString(h)
	var out []string
	for i := 0; i+4 <= len(text); i += 4 {
		out = append(out, text[i:i+4])
	}
	return out
}

func (s *Server) publicCopy(c *gin.Context) (evaluation.Campaign, *ballotlog.Copy, error) {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return evaluation.Campaign{}, nil, err
	}
	k, err := s.Evaluation.Campaign(c.Request.Context(), id)
	if err != nil {
		return k, nil, err
	}
	files, err := s.Evaluation.PublicCopy(c.Request.Context(), id, s.Witness)
	return k, files, err
}

func (s *Server) ballotLog(c *gin.Context) error {
	k, files, err := s.publicCopy(c)
	if err != nil {
		return err
	}
	p := &logPage{Page: s.page(c, "log.title"), Campaign: k, Facts: files.Facts, Leaves: len(files.Leaves), Counted: -1, Check: s.BallotURL + "/check?lang=" + s.translator(c).Lang(),
		KeyName: files.Facts.TallyKey.Name()}
	p.Title = files.Facts.Title.In(p.Lang())
	p.Caption = p.T("log.title")
	p.Back = templates.Link{Href: "/log", Label: p.T("log.list")}
	p.Report = files.Verify()
	if set, err := ballotbox.OpenCounted([]byte(files.Counted), files.Facts.LogKey); err == nil {
		root, err := set.Root()
		if err != nil {
			return err
		}
		p.Counted, p.CountedRoot = len(set.Index), groups(root[:])
	}
	offices := map[string]string{}
	for _, w := range files.Facts.Witnesses {
		offices[w.Name] = w.Office
		p.Witnesses = append(p.Witnesses, w.Office)
	}
	for _, n := range files.Checkpoints {
		cp, opened, err := merkle.Open([]byte(n.Text), files.Facts.LogKey, witnessKeys(files.Facts)...)
		if err != nil {
			return err
		}
		row := logCheckpoint{File: n.File, Size: cp.Size, Root: groups(cp.Root[:])}
		for _, sig := range opened.Sigs {
			if o := offices[sig.Name]; o != "" {
				row.By = append(row.By, o)
			}
		}
		p.Checkpoints = append([]logCheckpoint{row}, p.Checkpoints...)
	}
	if len(p.Checkpoints) > 0 {
		p.Latest = p.Checkpoints[0]
	}
	p.Unwitnessed = len(p.Latest.By) == 0 && k.Opened != nil && s.Now().Sub(*k.Opened) > 48*time.Hour
	s.show(c, http.StatusOK, "log/one", p)
	return nil
}

func witnessKeys(f ballotlog.Facts) []string {
	var out []string
	for _, w := range f.Witnesses {
		out = append(out, w.Key)
	}
	return out
}

// logFile hands out a public file, or all of them as log.zip.
func (s *Server) logFile(c *gin.Context) error {
	_, files, err := s.publicCopy(c)
	if err != nil {
		return err
	}
	all, err := files.Files()
	if err != nil {
		return err
	}
	name := strings.TrimPrefix(c.Param("file"), "/")
	c.Header("Cache-Control", "no-cache")
	if name == "log.zip" {
		c.Header("Content-Type", "application/zip")
		c.Header("Content-Disposition", fmt.Sprintf("attachment; filename=pingyi-log-%d.zip", files.Facts.Campaign))
		return ballotlog.Zip(c.Writer, fmt.Sprintf("pingyi-log-%d", files.Facts.Campaign), all)
	}
	body, ok := all[name]
	if !ok || !fs.ValidPath(name) {
		return errNotFound
	}
	kind := "text/plain; charset=utf-8"
	if strings.HasSuffix(name, ".json") {
		kind = "application/json"
	}
	c.Data(http.StatusOK, kind, body)
	return nil
}

// logCheckpoint is the latest signed checkpoint, for witnesses.
func (s *Server) logCheckpoint(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	cp, err := s.Box.Checkpoint(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if cp == "" {
		return errNotFound
	}
	return plainText(c, cp)
}

// logProof is the proof that the log of one size extends that of another.
func (s *Server) logProof(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	cp, err := s.Box.Checkpoint(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return proof(c, cp, s.Box.Proofs(c.Request.Context(), id))
}

// proof answers ?from=&to= of a log whose latest checkpoint is given.
func proof(c *gin.Context, latest string, read merkle.HashReader) error {
	text, _, _ := strings.Cut(latest, "\n\n")
	cp, err := merkle.ParseCheckpoint(text + "\n")
	if err != nil {
		return errNotFound
	}
	from, err1 := strconv.ParseInt(c.Query("from"), 10, 64)
	to, err2 := strconv.ParseInt(c.Query("to"), 10, 64)
	if err1 != nil || err2 != nil || from < 1 || from > to || to > cp.Size {
		return errNotFound
	}
	p, err := tlog.ProveTree(to, from, read)
	if err != nil {
		return fmt.Errorf("prove that the log grew: %w", err)
	}
	return plainText(c, merkle.FormatProof(p))
}

func plainText(c *gin.Context, text string) error {
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(text))
	return nil
}

// logCosign takes a witness's cosignature. It is public: only a known witness's
// signature on a checkpoint of ours is kept.
func (s *Server) logCosign(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	if !s.limiter.allow(c.Request, s.Now()) {
		return fault.New(fault.TooMany, "error.too-many", "Seconds", 30)
	}
	n, err := s.Box.Notice(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return s.cosign(c, n.LogKey)
}

func (s *Server) cosign(c *gin.Context, key string) error {
	if err := s.Witness.Cosign(c.Request.Context(), key, []byte(c.PostForm("note"))); err != nil {
		return err
	}
	return plainText(c, "ok\n")
}

type hallPage struct {
	templates.Page
	Notice  ballotbox.Notice
	QR      qrCode
	Short   string
	Ballots int
	Left    string
	Over    bool
}

// hall is the projector page of the meeting: where to vote, how many have, how
// long is left; never a score. A small script keeps the numbers fresh.
func (s *Server) hall(c *gin.Context) error {
	id, err := pathID[evaluation.CampaignID](c, "campaign")
	if err != nil {
		return err
	}
	p := &hallPage{Page: s.page(c, "hall.title"), Short: fmt.Sprintf("%s/b/%d", s.BallotURL, id)}
	if p.Notice, err = s.Box.Notice(c.Request.Context(), id); err != nil {
		return err
	}
	p.Title = p.Notice.Form.Title.In(p.Lang())
	p.Nav = nil
	turnout, err := s.Box.Turnout(c.Request.Context(), id)
	if err != nil {
		return err
	}
	for _, n := range turnout {
		p.Ballots += n
	}
	now := s.Now()
	p.Over = !p.Notice.Casting(now)
	if left := p.Notice.Until.Sub(now); !p.Over && left > 0 {
		if left >= 48*time.Hour {
			p.Left = p.T("hall.left-days", "Days", int(left.Hours())/24)
		} else {
			p.Left = p.T("hall.left", "Hours", int(left.Hours()), "Minutes", int(left.Minutes())%60)
		}
	}
	if p.QR, err = drawQR(p.Short); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "log/hall", p)
	return nil
}

// witnessRoutes: who watches the logs.
func (s *Server) witnessRoutes() []route {
	may := either(offices, only("supervision"))
	return []route{
		get("/o/witnesses", may, s.witnesses),
		post("/o/witnesses", may, s.addWitness),
		post("/o/witnesses/end", may, s.endWitness),
	}
}

type witnessesPage struct {
	templates.Page
	Rows        []witness.Witness
	Office, Key string
	BaseURL     string
}

func (s *Server) witnessesPage(c *gin.Context) (*witnessesPage, error) {
	p := &witnessesPage{Page: s.page(c, "witness.title"), BaseURL: s.BaseURL}
	p.Back = templates.Link{Href: "/o", Label: p.T("nav.home")}
	var err error
	p.Rows, err = s.Witness.Witnesses(c.Request.Context())
	return p, err
}

func (s *Server) witnesses(c *gin.Context) error {
	p, err := s.witnessesPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "log/witnesses", p)
	return nil
}

func (s *Server) addWitness(c *gin.Context) error {
	p, err := s.witnessesPage(c)
	if err != nil {
		return err
	}
	p.Office, p.Key = text(c, "office"), text(c, "key")
	if err := s.Witness.Add(c.Request.Context(), actor(c), p.Office, p.Key); err != nil {
		return s.refuseIn(c, err, "log/witnesses", p, "office", "key")
	}
	s.redirect(c, "/o/witnesses", "saved")
	return nil
}

func (s *Server) endWitness(c *gin.Context) error {
	if err := s.Witness.End(c.Request.Context(), actor(c), text(c, "name")); err != nil {
		return err
	}
	s.redirect(c, "/o/witnesses", "saved")
	return nil
}
