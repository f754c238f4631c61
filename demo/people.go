package demo

import (
	"fmt"
	"strings"

	"pingyi/org"
)

// Password is the password of every demo account.
const Password = "pingyi-demo-2026"

var maker = org.Actor{Role: org.RoleOperator}

func (c *county) person(i int) string {
	return surnames[i%len(surnames)] + "某" + stems[(i/len(surnames))%len(stems)]
}

func (c *county) makeUnits() error {
	for i, u := range units {
		unit := org.Unit{Code: u.code, Class: u.class, Names: org.Names{ZH: u.zh, EN: u.en, RU: u.ru},
			Duties: org.Duties{ZH: u.duty, EN: u.dutyEN, RU: u.dutyRU}}
		if u.duty == "" {
			unit.Duties = org.Duties{ZH: "辖区企业用地、用工、治安协调", EN: "Land, labour and order in the township", RU: "Земля, кадры и порядок на территории"}
		}
		id, err := c.Org.SaveUnit(c.ctx, maker, unit)
		if err != nil {
			return err
		}
		if err := c.Org.SetHead(c.ctx, maker, id, c.person(i)); err != nil {
			return err
		}
		unit.ID = id
		c.units, c.byCode[u.code] = append(c.units, unit), unit
		c.quality[id] = 62 + 30*c.rnd.Float64()
	}
	return nil
}

// account makes an account, activates it as its holder would, and notes the
// password for the sign-in page.
func (c *county) account(a org.Account, proof string, show bool) (org.Actor, error) {
	id, code, err := c.Org.CreateAccount(c.ctx, maker, a)
	if err != nil {
		return org.Public, fmt.Errorf("account %s: %w", a.Login, err)
	}
	if _, err := c.Org.Activate(c.ctx, code, proof, Password); err != nil {
		return org.Public, fmt.Errorf("activate %s: %w", a.Login, err)
	}
	if show {
		if err := c.Org.ShowDemoPassword(c.ctx, id, Password); err != nil {
			return org.Public, err
		}
	}
	return org.Actor{Account: id, Name: a.Name, Role: a.Role, Company: a.Company, Unit: a.Unit, Body: a.Body, Lang: a.Lang}, nil
}

func (c *county) makePeople() error {
	bodies, err := c.Org.Bodies(c.ctx)
	if err != nil {
		return err
	}
	for _, b := range bodies {
		c.bodies[b.Kind] = b
	}
	if err := c.unitPeople(); err != nil {
		return err
	}
	staff := []struct {
		login string
		role  org.Role
		body  org.BodyKind
		post  org.Post
		n     int
	}{
		{"party-office", org.RoleReceiver, org.BodyPartyOffice, "", 2}, {"gov-office", org.RoleReceiver, org.BodyGovernmentOffice, "", 2},
		{"leader-chair", org.RoleLeader, org.BodyLeadingGroup, org.PostChair, 1}, {"leader-deputy", org.RoleLeader, org.BodyLeadingGroup, org.PostDeputy, 2},
		{"leader", org.RoleLeader, org.BodyLeadingGroup, org.PostMember, 6}, {"supervision", org.RoleSupervision, org.BodySupervision, "", 2},
		{"clerk", org.RoleClerk, org.BodyGovernmentOffice, "", 1}, {"campaign", org.RoleCampaignAdmin, org.BodyGovernmentOffice, "", 1},
		{"operator", org.RoleOperator, org.BodyOperator, "", 1}, {"chamber", org.RoleChamber, org.BodyChamber, org.PostMember, 8},
		{"invited", org.RoleInvited, org.BodyInvited, org.PostMember, 12},
	}
	for k, s := range staff {
		for i := range s.n {
			login := s.login
			if s.n > 1 {
				login = fmt.Sprintf("%s-%d", s.login, i+1)
			}
			acc := org.Account{Login: login, Name: c.person(70 + 13*k + i), Role: s.role, Body: c.bodies[s.body].ID}
			if s.login == "leader" && i < 4 {
				acc.Unit = c.units[i].ID // heads a unit, and does not score it
			}
			a, err := c.account(acc, login, i < 2)
			if err != nil {
				return err
			}
			a.Kind, a.Post = s.body, s.post
			if s.post != "" {
				if err := c.Org.Appoint(c.ctx, maker, a.Body, a.Account, s.post); err != nil {
					return err
				}
			}
			c.people[login] = a
			if s.body == org.BodyChamber || s.body == org.BodyInvited || s.body == org.BodyLeadingGroup {
				c.persons = append(c.persons, member{actor: a, lenient: 8 * c.rnd.NormFloat64()})
			}
		}
	}
	return nil
}

// unitPeople gives every unit a head and an officer.
func (c *county) unitPeople() error {
	for i, u := range c.units {
		for j, role := range []org.Role{org.RoleHead, org.RoleOfficer} {
			login := strings.ToLower(u.Code)
			if role == org.RoleOfficer {
				login += "-office"
			}
			a, err := c.account(org.Account{Login: login, Name: c.person(i + 40*j), Role: role, Unit: u.ID}, u.Code, i < 6 || u.Code == "D21" || u.Code == "T01")
			if err != nil {
				return err
			}
			if role == org.RoleOfficer {
				c.officers[u.ID] = a
			}
		}
	}
	return nil
}

func (c *county) makeCompanies() error {
	for i := range c.size.Companies {
		trade := trades[i%len(trades)]
		name := heads1[i%len(heads1)]
		if r := i / len(heads1); r > 0 {
			name += heads2[(r-1)%len(heads2)]
			if r > len(heads2) {
				name += fmt.Sprint(r / len(heads2))
			}
		}
		origin := []string{"province_outside", "province_outside", "county_outside", "russia", "county_outside", "foreign", "local", "province_outside", "local", "county_outside"}[(i/3)%10]
		group := "G1"
		switch {
		case origin == "local":
			group = "G2"
		case i%19 == 18:
			group = ""
		}
		first := fmt.Sprintf("91231121MA1%06d", i+100001)[:17]
		contact := c.units[c.rnd.IntN(48)]
		co := org.Company{Licence: first + string(org.LicenceCheck(first)), Names: org.Names{ZH: "黑河" + name + trade[1] + "有限公司（演示）"},
			Origin: origin, Sector: trade[0], RaterGroup: group, Township: c.units[48+i%14].Names.ZH, Head: c.person(i), Phone: fmt.Sprintf("0456-8%06d", i), ContactUnit: contact.ID, Active: true, Member: group == "G1"}
		lang := "zh-CN"
		switch {
		case origin == "russia":
			lang = "ru"
			co.RU, co.EN = fmt.Sprintf("ООО «Амур-%d» (демо)", i+1), fmt.Sprintf("Amur-%d Ltd (demo)", i+1)
		case origin == "foreign":
			lang = "en"
			co.EN, co.RU = fmt.Sprintf("Northern Star %d Ltd (demo)", i+1), fmt.Sprintf("Northern Star %d (демо)", i+1)
		}
		id, err := c.Org.SaveCompany(c.ctx, maker, co)
		if err != nil {
			return err
		}
		a, err := c.account(org.Account{Login: fmt.Sprintf("c%04d", i+1), Name: c.person(i + 3), Role: org.RoleCompany, Company: id, Lang: lang}, co.Licence, i < 20)
		if err != nil {
			return err
		}
		c.companies = append(c.companies, member{actor: a, lenient: 9 * c.rnd.NormFloat64(), contact: contact.ID})
	}
	return nil
}
