package org

import "time"

// Ids of the things this package owns. Distinct types, so that a company's id
// cannot slip in where a unit's is meant.
type (
	// UnitID numbers an evaluated unit (单位).
	UnitID int64
	// CompanyID numbers a company.
	CompanyID int64
	// AccountID numbers an account.
	AccountID int64
	// BodyID numbers a body: an office, the leading group, the chamber.
	BodyID int64
)

// Role is what an account may be in the portal; glossary section 6.
type Role string

// The roles. RolePublic is nobody in particular: not signed in.
const (
	RolePublic        Role = "public"
	RoleCompany       Role = "company"        // 企业用户
	RoleChamber       Role = "chamber"        // 商会用户
	RoleHead          Role = "head"           // 部门负责人
	RoleOfficer       Role = "officer"        // 部门经办人
	RoleLeader        Role = "leader"         // 领导小组成员
	RoleReceiver      Role = "receiver"       // 两办收件人
	RoleSupervision   Role = "supervision"    // 督办员
	RoleClerk         Role = "clerk"          // 录入员
	RoleCampaignAdmin Role = "campaign_admin" // 评议管理员
	RoleOperator      Role = "operator"       // 系统管理员
	RoleInvited       Role = "invited"        // 特邀监督员
	RolePortal        Role = "portal"         // 平台自动：what the portal does by itself
)

// Roles lists every role an account can have, in the order pages show them.
var Roles = []Role{RoleCompany, RoleChamber, RoleInvited, RoleHead, RoleOfficer, RoleLeader,
	RoleReceiver, RoleSupervision, RoleClerk, RoleCampaignAdmin, RoleOperator}

// Post is what a person is in a body; it decides what he may sign.
type Post string

// The posts. Only the chair and deputies of the leading group sign orders and
// approve rankings; others by delegation.
const (
	PostNone    Post = ""
	PostChair   Post = "chair"
	PostDeputy  Post = "deputy"
	PostMember  Post = "member"
	PostOfficer Post = "officer"
)

// BodyKind names a body of the county.
type BodyKind string

// The bodies.
const (
	BodyPartyOffice      BodyKind = "party_office"
	BodyGovernmentOffice BodyKind = "government_office"
	BodyLeadingGroup     BodyKind = "leading_group"
	BodySupervision      BodyKind = "supervision"
	BodyChamber          BodyKind = "chamber"
	BodyOperator         BodyKind = "operator"
	BodyInvited          BodyKind = "invited"
)

// Actor is who is asking, as of this request. The zero Actor is the public.
type Actor struct {
	Account AccountID
	Name    string
	Role    Role
	Company CompanyID // of a company user
	Unit    UnitID    // of a head or officer; of a leader who also heads a unit
	Body    BodyID
	Kind    BodyKind  // the kind of Body
	Post    Post      // current post in Body today; none when the membership ended
	Behalf  AccountID // the chair for whom he signs today by delegation; 0 without one
	ForWhom string    // the chair's name
	OrgName Names     // the organisation, for the page head
	Lang    string
	Large   bool // larger text
	Demo    bool // an account of the demo county
	Since   time.Time
}

// Portal is the portal itself, for what happens by the clock.
var Portal = Actor{Role: RolePortal}

// Public is the actor who is not signed in.
var Public = Actor{Role: RolePublic}

// SignedIn reports whether the actor has an account.
func (a Actor) SignedIn() bool { return a.Account != 0 }

// Is reports whether the actor has one of the roles.
func (a Actor) Is(roles ...Role) bool {
	for _, r := range roles {
		if a.Role == r || (a.Role == "" && r == RolePublic) {
			return true
		}
	}
	return false
}

// IsOffice reports whether the actor reads for one of the two offices.
func (a Actor) IsOffice() bool {
	return a.Role == RoleReceiver && (a.Kind == BodyPartyOffice || a.Kind == BodyGovernmentOffice)
}

// IsLeader reports whether the actor sits in the leading group today.
func (a Actor) IsLeader() bool { return a.Role == RoleLeader && a.Post != PostNone }

// MaySign reports whether the actor may sign orders and approve rankings today: the
// chair, a deputy, or a member to whom the chair delegated it for this day.
func (a Actor) MaySign() bool {
	return a.IsLeader() && (a.Post == PostChair || a.Post == PostDeputy || a.Behalf != 0)
}

// OfUnit reports whether the actor works in the unit.
func (a Actor) OfUnit(u UnitID) bool {
	return a.Is(RoleHead, RoleOfficer) && a.Unit == u && u != 0
}

// Names is a name in the three languages of the portal.
type Names struct {
	ZH string `json:"zh" db:"name_zh"`
	EN string `json:"en" db:"name_en"`
	RU string `json:"ru" db:"name_ru"`
}

// In returns the name in the language, or the Chinese one where it is missing.
func (n Names) In(lang string) string {
	switch {
	case lang == "en" && n.EN != "":
		return n.EN
	case lang == "ru" && n.RU != "":
		return n.RU
	}
	return n.ZH
}
