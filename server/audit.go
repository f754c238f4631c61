package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"pingyi/calendar"
	"pingyi/fault"
	"pingyi/org"
	"pingyi/record"
	"pingyi/report"
	"pingyi/templates"
)

// auditRoutes: the audit log for those who watch, its checkpoints for everybody.
func (s *Server) auditRoutes() []route {
	auditors := only(org.RoleOperator, org.RoleSupervision)
	return []route{
		get("/a/audit", auditors, s.audit),
		get("/a/audit/table", auditors, s.auditTable),
		get("/a/audit/chain", auditors, s.auditExport),
		get("/audit/checkpoint", anyone, s.auditCheckpoint),
		get("/audit/proof", anyone, s.auditProof),
		post("/audit/cosignature", anyone, s.auditCosign),
	}
}

// verified is what a verification of the whole log found, and when.
type verified struct {
	*record.Chain
	at time.Time
}

// verifiedFor is how long a verification of the log is shown: it reads every entry.
const verifiedFor = time.Hour

// auditChain verifies the whole log against the checkpoints in the database and in
// the file outside, or returns what was found within the hour.
func (s *Server) auditChain(ctx context.Context) (*verified, error) {
	if v := s.verified.Load(); v != nil {
		if age := s.Now().Sub(v.at); age >= 0 && age < verifiedFor {
			return v, nil
		}
	}
	filed, err := s.Notary.Filed()
	if err != nil {
		return nil, err
	}
	v := &verified{at: s.Now()}
	if v.Chain, err = s.Record.Verify(ctx, s.Notary.Key(), filed...); err != nil {
		return nil, err
	}
	s.verified.Store(v)
	return v, nil
}

type auditPage struct {
	templates.Page
	Rows                  []record.Entry
	Action, Object, Actor string
	From, Until           string
	Pager                 templates.Pager
	Chain                 *record.Chain
	Verified              string
	Latest                string // size of the last checkpoint
	Export                string // query of the exports
}

// auditFilter reads what is searched for; a day that cannot be read is left out
// and said so.
func auditFilter(c *gin.Context, p *auditPage) record.Filter {
	p.Action, p.Object, p.Actor, p.From, p.Until = clean(c.Query("action")), clean(c.Query("object")), clean(c.Query("who")), clean(c.Query("from")), clean(c.Query("until"))
	f := record.Filter{Action: p.Action, Object: p.Object, Who: p.Actor}
	day := func(field, typed string) (time.Time, bool) {
		if typed == "" {
			return time.Time{}, false
		}
		d, err := calendar.ParseDate(typed)
		if err != nil {
			p.Problems = map[string]string{field: p.T("campaign.date-missing")}
			p.Order = []string{field}
			return time.Time{}, false
		}
		if field == "until" {
			return d.End(), true
		}
		return d.Time(), true
	}
	f.From, _ = day("from", p.From)
	if t, ok := day("until", p.Until); ok {
		f.Until = t
	}
	return f
}

func (s *Server) audit(c *gin.Context) error {
	p := &auditPage{Page: s.page(c, "audit.title")}
	f := auditFilter(c, p)
	f.Page, f.Size = pageNumber(c), 50
	ctx := c.Request.Context()
	rows, total, err := s.Record.Entries(ctx, f)
	if err != nil {
		return err
	}
	chain, err := s.auditChain(ctx)
	if err != nil {
		return err
	}
	p.Chain, p.Verified = chain.Chain, p.DateTime(chain.at)
	q := c.Request.URL.Query()
	q.Del("page")
	p.Export = q.Encode()
	p.Rows, p.Pager = rows, templates.NewPager(p.Path, c.Request.URL.Query(), f.Page, 50, total)
	s.show(c, http.StatusOK, "admin/audit", p)
	return nil
}

// mostRows is the largest table that is exported at once.
const mostRows = 100_000

// auditTable is what was searched for, as a table.
func (s *Server) auditTable(c *gin.Context) error {
	p := &auditPage{Page: s.page(c, "audit.title")}
	f := auditFilter(c, p)
	f.Page, f.Size = 1, mostRows
	rows, total, err := s.Record.Entries(c.Request.Context(), f)
	if err != nil {
		return err
	}
	if total > mostRows {
		return fault.New(fault.TooLarge, "audit.too-many", "Limit", mostRows)
	}
	t := report.Table{Sheet: p.Title, Title: p.Title, Head: []string{p.T("audit.seq"), p.T("audit.at"), p.T("audit.who"), p.T("audit.role"), p.T("audit.action"), p.T("audit.object"), p.T("audit.detail")}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []any{report.Number(fmt.Sprint(r.Seq)), p.DateTime(r.At), r.Name, p.T("role." + r.Role), r.Action, r.Object, r.Detail})
	}
	return s.sendTable(c, t, "audit")
}

// auditExport is the whole chain, for `pingyi audit verify --export` on another
// machine: a line for each entry, exactly as it was hashed.
func (s *Server) auditExport(c *gin.Context) error {
	if err := s.exported(c, "audit.jsonl"); err != nil {
		return err
	}
	c.Header("Content-Type", "application/x-ndjson")
	c.Header("Content-Disposition", "attachment; filename=pingyi-audit.jsonl")
	c.Header("Cache-Control", "no-store")
	enc := json.NewEncoder(c.Writer)
	enc.SetEscapeHTML(false)
	if err := s.Record.Rows(c.Request.Context(), func(r record.Row) error { return enc.Encode(r) }); err != nil {
		return fmt.Errorf("export the audit log: %w", err)
	}
	return nil
}

func (s *Server) auditCheckpoint(c *gin.Context) error {
	cp, err := s.Notary.Latest(c.Request.Context())
	if err != nil {
		return err
	}
	if cp == "" {
		return errNotFound
	}
	return plainText(c, cp)
}

func (s *Server) auditProof(c *gin.Context) error {
	cp, err := s.Notary.Latest(c.Request.Context())
	if err != nil {
		return err
	}
	return proof(c, cp, s.Notary.Proofs(c.Request.Context()))
}

func (s *Server) auditCosign(c *gin.Context) error {
	if !s.limiter.allow(c.Request, s.Now()) {
		return fault.New(fault.TooMany, "error.too-many", "Seconds", 30)
	}
	return s.cosign(c, s.Notary.Key())
}
