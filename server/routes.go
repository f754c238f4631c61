package server

import (
	"github.com/gin-gonic/gin"

	"pingyi/org"
)

// route is one address: what it answers, who may ask, how much may be sent.
type route struct {
	method, path string
	allow        access
	do           func(*gin.Context) error
	limit        int64 // bytes of the body; 0 means formLimit
}

// Body limits, in bytes.
const (
	formLimit   = 256 << 10
	uploadLimit = 56 << 20 // five files of ten megabytes, and the form
	importLimit = 12 << 20
)

// access decides who may ask at all; what of it he may see, the domain decides.
type access func(org.Actor) bool

// anyone: the page is public.
func anyone(org.Actor) bool { return true }

// signedIn: any account.
func signedIn(a org.Actor) bool { return a.SignedIn() }

// only: accounts with one of the roles.
func only(roles ...org.Role) access {
	return func(a org.Actor) bool { return a.SignedIn() && a.Is(roles...) }
}

// leaders: members of the leading group today.
func leaders(a org.Actor) bool { return a.IsLeader() }

// offices: receivers of the two offices.
func offices(a org.Actor) bool { return a.IsOffice() }

// either: whoever one of the rules lets in.
func either(rules ...access) access {
	return func(a org.Actor) bool {
		for _, r := range rules {
			if r(a) {
				return true
			}
		}
		return false
	}
}

// area is a part of the portal with its routes, listed in its own file.
type area struct {
	name   string
	routes []route
}

// areas lists every part of the portal. From an address to its handler: find
// the area here, the route in its file.
func (s *Server) areas() []area {
	return []area{
		{"public", s.publicRoutes()},
		{"account", s.accountRoutes()},
		{"notify", s.notifyRoutes()},
		{"company", s.companyRoutes()},
		{"card", s.cardRoutes()},
		{"issue", s.issueRoutes()},
		{"unit", s.unitRoutes()},
		{"leader", s.leaderRoutes()},
		{"office", s.officeRoutes()},
		{"campaign", s.campaignRoutes()},
		{"printed", s.printedRoutes()},
		{"tally", s.tallyRoutes()},
		{"log", s.logRoutes()},
		{"witness", s.witnessRoutes()},
		{"year", s.yearRoutes()},
		{"panel", s.panelRoutes()},
		{"result", s.resultRoutes()},
		{"why", s.whyRoutes()},
		{"scheme", s.schemeRoutes()},
		{"appeal", s.appealRoutes()},
		{"simulate", s.simulateRoutes()},
		{"honour", s.honourRoutes()},
		{"interview", s.interviewRoutes()},
		{"suspicion", s.suspicionRoutes()},
		{"project", s.projectRoutes()},
		{"contact", s.contactRoutes()},
		{"sponsor", s.sponsorRoutes()},
		{"visitplan", s.visitPlanRoutes()},
		{"meeting", s.meetingRoutes()},
		{"bulletin", s.bulletinRoutes()},
		{"passing", s.passingRoutes()},
		{"duty", s.dutyRoutes()},
		{"barrier", s.barrierRoutes()},
		{"shield", s.shieldRoutes()},
		{"glass", s.glassRoutes()},
		{"reach", s.reachRoutes()},
		{"inspection", s.inspectionRoutes()},
		{"intake", s.intakeRoutes()},
		{"collective", s.collectiveRoutes()},
		{"follow", s.followRoutes()},
		{"translation", s.translationRoutes()},
		{"suggestion", s.suggestionRoutes()},
		{"promise", s.promiseRoutes()},
		{"onestop", s.onestopRoutes()},
		{"policy", s.policyRoutes()},
		{"review", s.reviewRoutes()},
		{"check", s.checkRoutes()},
		{"org", s.orgRoutes()},
		{"ledger", s.contractRoutes()},
		{"referral", s.referralRoutes()},
		{"promotion", s.promotionRoutes()},
		{"lead", s.leadRoutes()},
		{"ledger-more", s.ledgerMoreRoutes()},
		{"comment", s.commentRoutes()},
		{"rectify", s.rectifyRoutes()},
		{"sheet", s.sheetRoutes()},
		{"false", s.falseRoutes()},
		{"document", s.documentRoutes()},
		{"task", s.taskRoutes()},
		{"overview", s.overviewRoutes()},
		{"yearfile", s.yearFileRoutes()},
		{"import", s.importRoutes()},
		{"admin", s.adminRoutes()},
		{"audit", s.auditRoutes()},
	}
}

func get(path string, allow access, do func(*gin.Context) error) route {
	return route{method: "GET", path: path, allow: allow, do: do}
}

func post(path string, allow access, do func(*gin.Context) error) route {
	return route{method: "POST", path: path, allow: allow, do: do}
}

// postLimit is post for a form that may carry more than usual.
func postLimit(path string, limit int64, allow access, do func(*gin.Context) error) route {
	return route{method: "POST", path: path, allow: allow, do: do, limit: limit}
}
