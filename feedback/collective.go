package feedback

import (
	"slices"
	"time"

	"pingyi/fault"
	"pingyi/org"
)

// daysMembers is how long members are asked for their answer, in working days after
// the county's; then the chamber may close with the answers it has.
const daysMembers = 5

// Member is a company behind a collective issue. Only the chamber reads all of them;
// others those that agreed to be named.
type Member struct {
	Company  org.CompanyID `db:"company_id"`
	Name     org.Names     `db:"company"`
	Named    bool          `db:"named"`
	Verdict  string        `db:"verdict"` // of the present answer; "" not yet
	Level    string        `db:"satisfaction"`
	Remark   string        `db:"remark"`
	JoinedAt time.Time     `db:"joined_at"`
}

// Vote is a member's answer to what the county answered.
type Vote struct {
	Verdict   string // of Verdicts
	Satisfied string // of Levels
	Remark    string // for the chamber alone
}

func (v Vote) check() error {
	f := fault.Fields{}
	if !slices.Contains(Verdicts, v.Verdict) {
		f.Add("verdict", "issue.verdict-missing")
	}
	if !isLevel(v.Satisfied) {
		f.Add("satisfaction", "level.unknown")
	}
	f.Length("remark", v.Remark, 0, MaxReason)
	return f.Err()
}

// Poll is what the members of a collective issue answered to the county's answer.
type Poll struct {
	Members, Answers    int
	Solved, Partly, Not int
	Accept              bool
	Verdict, Satisfied  string
	Ready               bool      // the chamber may close
	Until               time.Time // until when members without an answer are waited for
}

// Count says what the members' answers amount to: accepted when more members find the
// matter solved at least in part than not at all (as many: not accepted); solved when
// more than half of those who answered say so; satisfaction the median, of two middle
// ones the worse. It may be closed when every member answered, or when the time is
// over and somebody did.
func Count(members int, votes []Vote, over bool) Poll {
	p := Poll{Members: members, Answers: len(votes)}
	levels := make([]int, 0, len(votes))
	for _, v := range votes {
		switch v.Verdict {
		case "solved":
			p.Solved++
		case "partly":
			p.Partly++
		default:
			p.Not++
		}
		levels = append(levels, slices.Index(Levels, v.Satisfied))
	}
	if len(votes) == 0 {
		return p
	}
	slices.Sort(levels)
	p.Satisfied = Levels[levels[len(levels)/2]]
	p.Accept, p.Verdict = p.Solved+p.Partly > p.Not, "partly"
	if 2*p.Solved > len(votes) {
		p.Verdict = "solved"
	}
	if !p.Accept {
		p.Verdict = "not"
	}
	p.Ready = len(votes) >= members || over
	return p
}

// MaxMembers is how many companies one collective issue may have when it is filed.
const MaxMembers = 200

// CollectiveDraft is an issue that the chamber raises for several members.
type CollectiveDraft struct {
	IssueDraft
	Members []org.CompanyID // at least two
}
