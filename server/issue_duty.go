package server

import (
	"github.com/gin-gonic/gin"

	"pingyi/fault"
	"pingyi/feedback"
	"pingyi/feedback/passing"
	"pingyi/org"
)

// dutyChoices are the clauses of the catalogue of duties under the issue's category, of
// other units than the reader's.
func (s *Server) dutyChoices(c *gin.Context, p *deedPage) ([]choice, error) {
	duties, err := s.Passing.Duties(c.Request.Context(), 0, p.Issue.Category)
	var out []choice
	for _, d := range duties {
		if d.Unit != actor(c).Unit {
			out = append(out, choice{Value: idText(d.ID), Label: d.UnitName.In(p.Lang()) + " · " + d.Clause + " · " + d.Text})
		}
	}
	return out, err
}

// propose names another unit by a clause of the catalogue, which brings its unit along,
// or by a clause typed freely, which then needs the reason.
func propose(d *deedCall) error {
	p := feedback.Proposal{To: formID[org.UnitID](d.Context, "to"), Clause: d.text("clause"), Reason: d.text("reason")}
	ctx := d.Request.Context()
	if id := formID[passing.DutyID](d.Context, "duty"); id != 0 {
		i, err := d.fb.Issue(ctx, d.by, d.ref)
		if err != nil {
			return err
		}
		duties, err := d.duty.Duties(ctx, 0, i.Category)
		if err != nil {
			return err
		}
		for _, x := range duties {
			if x.ID != id {
				continue
			}
			if p.To != 0 && p.To != x.Unit {
				return fault.Field("duty", "life.duty-other")
			}
			p.To, p.Clause = x.Unit, x.Clause
			return d.fb.Propose(ctx, d.by, d.ref, p, d.idem)
		}
		return fault.Field("duty", "life.duty-gone") // ended since the form was shown
	}
	f := fault.Fields{}
	if p.To == 0 {
		f.Add("to", "life.to-missing")
	}
	f.Length("clause", p.Clause, feedback.MinReason, feedback.MaxReason)
	f.Length("reason", p.Reason, feedback.MinReason, feedback.MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	return d.fb.Propose(ctx, d.by, d.ref, p, d.idem)
}
