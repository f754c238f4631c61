package server

import (
	"context"
	"maps"
	"strings"

	"github.com/gin-gonic/gin"

	"pingyi/locale"
	"pingyi/org"
	"pingyi/templates"
)

// section is an entry of a role's navigation. waiting names the count of things
// that wait for the reader; see counts.
type section struct{ path, key, waiting string }

// sections lists, for each role, the sections of its navigation; the first is
// its home.
var sections = map[org.Role][]section{
	org.RoleCompany: {
		{"/c", "nav.home", ""},
		{"/c/appraisals", "nav.appraisals", "appraisals"},
		{"/c/visits", "nav.visits", "sheets"},
		{"/c/issues", "nav.issues", "issues"},
		{"/c/suggestions", "suggestion.title", ""},
		{"/c/promises", "promise.title", ""},
		{"/c/collective", "collective.nav-company", ""},
		{"/c/cases", "onestop.title", ""},
		{"/policies", "policy.title", ""},
		{"/c/documents", "document.nav", ""},
		{"/c/meetings", "meeting.title", "invitations"},
		{"/c/contacts", "nav.contacts", ""},
		{"/c/care", "contact.nav-company", ""},
		{"/c/referrals", "referral.nav", ""},
		{"/c/activities", "promotion.nav-company", ""},
		{"/c/alarm", "shield.nav-company", ""},
		{"/c/honours", "honour.nav", ""},
		{"/results", "nav.results", ""},
	},
	org.RoleChamber: {
		{"/o", "nav.home", ""},
		{"/c/appraisals", "nav.appraisals", "appraisals"},
		{"/o/companies", "nav.companies", ""},
		{"/o/imports", "nav.imports", ""},
		{"/o/collective", "collective.nav", "issues"},
		{"/o/issues", "nav.office-issues", ""},
		{"/o/campaigns", "nav.campaigns", ""},
		{"/results", "nav.results", ""},
	},
	org.RoleInvited: {
		{"/c/appraisals", "nav.appraisals", "appraisals"},
		{"/results", "nav.results", ""},
	},
	org.RoleHead: {
		{"/d", "nav.home", ""},
		{"/d/issues", "nav.unit-issues", "issues"},
		{"/d/suggestions", "suggestion.title", ""},
		{"/d/promises", "promise.title", ""},
		{"/d/cases", "onestop.title", "cases"},
		{"/d/checks", "unitcheck.title", "checks"},
		{"/policies", "policy.title", ""},
		{"/d/documents", "document.nav", "documents"},
		{"/d/scores", "nav.unit-scores", ""},
		{"/d/visits", "nav.unit-visits", "visits"},
		{"/d/contacts", "contact.nav", "handovers"},
		{"/d/sponsors", "sponsor.nav-unit", ""},
		{"/d/comments", "comment.title", ""},
		{"/d/rectifications", "rectify.title", "rectify"},
		{"/d/false", "false.title", ""},
		{"/d/decisions", "meeting.decisions", "decisions"},
		{"/d/appeals", "appeal.nav", ""},
		{"/d/tasks", "task.nav", ""},
		{"/d/followups", "promotion.follow-nav", ""},
		{"/d/passing", "passing.nav", "passing"},
		{"/d/honours", "honour.nav", ""},
		{"/results", "nav.results", ""},
	},
	org.RoleOfficer: {
		{"/d", "nav.home", ""},
		{"/d/issues", "nav.unit-issues", "issues"},
		{"/d/suggestions", "suggestion.title", ""},
		{"/d/promises", "promise.title", ""},
		{"/d/cases", "onestop.title", "cases"},
		{"/d/checks", "unitcheck.title", "checks"},
		{"/policies", "policy.title", ""},
		{"/d/documents", "document.nav", "documents"},
		{"/d/scores", "nav.unit-scores", ""},
		{"/d/visits", "nav.unit-visits", "visits"},
		{"/d/contacts", "contact.nav", "handovers"},
		{"/d/sponsors", "sponsor.nav-unit", ""},
		{"/d/comments", "comment.title", ""},
		{"/d/rectifications", "rectify.title", "rectify"},
		{"/d/false", "false.title", ""},
		{"/d/decisions", "meeting.decisions", "decisions"},
		{"/d/appeals", "appeal.nav", ""},
		{"/d/tasks", "task.nav", ""},
		{"/d/followups", "promotion.follow-nav", ""},
		{"/d/passing", "passing.nav", "passing"},
		{"/d/honours", "honour.nav", ""},
		{"/results", "nav.results", ""},
	},
	org.RoleLeader: {
		{"/l", "nav.home", ""},
		{"/l/escalations", "nav.escalations", "escalations"},
		{"/l/orders", "nav.orders", ""},
		{"/l/delegations", "leader.delegations", ""},
		{"/l/sponsors", "sponsor.nav-unit", ""},
		{"/o/documents", "document.nav", ""},
		{"/l/meetings", "meeting.title", "meetings"},
		{"/l/passing", "passing.nav", "passing"},
		{"/l/rankings", "nav.rankings", "rankings"},
		{"/o/county", "overview.nav", ""},
		{"/o/ledger", "ledger.nav", ""},
		{"/o/referrals", "referral.nav", ""},
		{"/o/activities", "promotion.nav", ""},
		{"/o/leads", "lead.nav", ""},
		{"/o/tasks", "task.nav", ""},
		{"/o/honours", "honour.nav", "honours"},
		{"/c/appraisals", "nav.appraisals", "appraisals"},
		{"/results", "nav.results", ""},
	},
	org.RoleReceiver: {
		{"/o", "nav.home", ""},
		{"/o/issues", "nav.office-issues", "issues"},
		{"/o/reviews", "review.title", "reviews"},
		{"/o/suggestions", "suggestion.title", ""},
		{"/o/promises", "promise.title", ""},
		{"/o/cases", "onestop.title", "cases"},
		{"/o/checks", "unitcheck.title", "checks"},
		{"/policies", "policy.title", ""},
		{"/o/documents", "document.nav", ""},
		{"/o/sheets", "nav.sheets", "sheets"},
		{"/o/comments", "comment.nav", ""},
		{"/o/rectifications", "rectify.title", "rectify"},
		{"/o/visits", "nav.office-visits", ""},
		{"/o/campaigns", "nav.campaigns", ""},
		{"/o/schemes", "nav.schemes", ""},
		{"/o/year", "nav.year", "year"},
		{"/o/appeals", "appeal.nav", "appeals"},
		{"/o/honours", "honour.nav", "honours"},
		{"/o/meetings", "meeting.title", ""},
		{"/o/passing", "passing.nav", "passing"},
		{"/o/companies", "nav.companies", ""},
		{"/o/projects", "project.title", ""},
		{"/o/contacts", "contact.title", ""},
		{"/o/sponsors", "sponsor.title", ""},
		{"/o/county", "overview.nav", ""},
		{"/o/ledger", "ledger.nav", ""},
		{"/o/referrals", "referral.nav", ""},
		{"/o/activities", "promotion.nav", ""},
		{"/o/leads", "lead.nav", ""},
		{"/o/tasks", "task.nav", ""},
		{"/o/imports", "nav.imports", ""},
		{"/results", "nav.results", ""},
	},
	org.RoleSupervision: {
		{"/o", "nav.home", ""},
		{"/o/issues", "nav.office-issues", ""},
		{"/o/reviews", "review.title", "reviews"},
		{"/o/suggestions", "suggestion.title", ""},
		{"/o/promises", "promise.title", ""},
		{"/o/cases", "onestop.title", "cases"},
		{"/o/checks", "unitcheck.title", "checks"},
		{"/policies", "policy.title", ""},
		{"/o/documents", "document.nav", ""},
		{"/o/sheets", "nav.sheets", ""},
		{"/o/rectifications", "rectify.title", ""},
		{"/o/demands", "demand.title", "demands"},
		{"/o/false", "false.title", ""},
		{"/o/campaigns", "nav.campaigns", ""},
		{"/o/schemes", "nav.schemes", ""},
		{"/o/year", "nav.year", "year"},
		{"/o/appeals", "appeal.nav", "appeals"},
		{"/o/honours", "honour.nav", "honours"},
		{"/o/meetings", "meeting.title", ""},
		{"/o/passing", "passing.nav", "passing"},
		{"/o/shield", "shield.nav", "shield"},
		{"/o/county", "overview.nav", ""},
		{"/a/audit", "nav.audit", ""},
		{"/results", "nav.results", ""},
	},
	org.RoleClerk: {
		{"/o", "nav.home", ""},
		{"/o/visits", "nav.office-visits", ""},
		{"/o/companies", "nav.companies", ""},
		{"/o/county", "overview.nav", ""},
		{"/o/ledger", "ledger.nav", ""},
		{"/o/referrals", "referral.nav", ""},
		{"/o/activities", "promotion.nav", ""},
		{"/o/leads", "lead.nav", ""},
		{"/o/tasks", "task.nav", ""},
		{"/results", "nav.results", ""},
	},
	org.RoleCampaignAdmin: {
		{"/o", "nav.home", ""},
		{"/o/campaigns", "nav.campaigns", ""},
		{"/o/schemes", "nav.schemes", ""},
		{"/o/year", "nav.year", "year"},
		{"/o/appeals", "appeal.nav", ""},
		{"/o/visits", "nav.office-visits", ""},
		{"/o/meetings", "meeting.title", ""},
		{"/o/companies", "nav.companies", ""},
		{"/o/projects", "project.title", ""},
		{"/o/contacts", "contact.title", ""},
		{"/o/sponsors", "sponsor.title", ""},
		{"/o/tasks", "task.nav", ""},
		{"/o/units", "nav.units", ""},
		{"/o/people", "nav.people", ""},
		{"/o/imports", "nav.imports", ""},
	},
	org.RoleOperator: {
		{"/a", "nav.operator", ""},
		{"/a/users", "nav.users", ""},
		{"/o/units", "nav.units", ""},
		{"/o/companies", "nav.companies", ""},
		{"/o/people", "nav.people", ""},
		{"/o/imports", "nav.imports", ""},
		{"/a/messages", "message.nav", "letters"},
		{"/a/audit", "nav.audit", ""},
	},
}

// homeOf returns where a reader's home is.
func homeOf(a org.Actor) string {
	if all := sections[a.Role]; len(all) > 0 {
		return all[0].path
	}
	return "/"
}

// nav builds the reader's navigation: a row, and a second one inside a group. The section of the present address is
// the one with the longest path it begins with.
func (s *Server) nav(c *gin.Context, a org.Actor, t *locale.Translator) (first, second []templates.NavItem) {
	all := sections[a.Role]
	counts := s.counts(c, a)
	current, path := -1, c.Request.URL.Path
	for i, sec := range all {
		if path == sec.path || strings.HasPrefix(path, sec.path+"/") {
			if current < 0 || len(sec.path) > len(all[current].path) {
				current = i
			}
		}
	}
	present := ""
	if current >= 0 && all[current].path == all[0].path && path != all[0].path { // a page below home that is no section
		if parts := strings.Split(path, "/"); len(parts) > 2 {
			present = groupOf("/" + parts[1] + "/" + parts[2])
		}
		if present != "" {
			current = -1
		}
	}
	items, paths := make([]templates.NavItem, len(all)), make([]string, len(all))
	for i, sec := range all {
		paths[i] = sec.path
		items[i] = templates.NavItem{Href: sec.path, Label: t.T(sec.key), Current: i == current}
		if sec.waiting != "" {
			items[i].Count = counts[sec.waiting]
		}
	}
	return rows(paths, items, present, func(group string) string { return t.T("nav.group-" + group) })
}

// counts says how many things wait for the reader, by the names of sections. A
// page is worth more than its badge: when the count fails, the page goes without.
func (s *Server) counts(c *gin.Context, a org.Actor) map[string]int {
	all := map[string]int{}
	for _, waiting := range []func(context.Context, org.Actor) (map[string]int, error){
		s.Feedback.Waiting,
		s.Evaluation.Waiting,
		s.Notify.Waiting,
		s.Passing.Waiting,
		s.Shield.Waiting,
		s.Meeting.Waiting,
		s.Cases.Waiting,
		s.Honour.Waiting,
		s.Checks.Waiting,
		s.Feedback.ReviewsWaiting,
		s.Contacts.Waiting,
	} {
		n, err := waiting(c.Request.Context(), a)
		if err != nil {
			s.log.WarnContext(c.Request.Context(), "count what waits", "error", err)
			return nil
		}
		maps.Copy(all, n)
	}
	appeals, err := s.Evaluation.AppealsWaiting(c.Request.Context(), a)
	if err != nil {
		s.log.WarnContext(c.Request.Context(), "count appeals", "error", err)
	}
	if appeals > 0 {
		all["appeals"] = appeals
	}
	return all
}
