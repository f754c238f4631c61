package server

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"pingyi/org"
	"pingyi/templates"
)

// managers keep the master data.
var managers = either(offices, only(org.RoleCampaignAdmin, org.RoleOperator))

// orgRoutes: companies, units, bodies.
func (s *Server) orgRoutes() []route {
	keepers := either(managers, only(org.RoleChamber))
	readers := either(keepers, only(org.RoleClerk, org.RoleSupervision))
	return []route{
		get("/o/companies", readers, s.companies),
		get("/o/companies/:company", readers, s.companyView),
		post("/o/companies/:company", keepers, s.saveCompany),
		post("/o/companies/:company/accounts", keepers, s.addCompanyAccount),
		get("/o/units", managers, s.units),
		get("/o/units/:unit", managers, s.unitView),
		post("/o/units/:unit", managers, s.saveUnit),
		get("/o/people", managers, s.people),
		post("/o/people", managers, s.appoint),
	}
}

type companiesPage struct {
	templates.Page
	Rows    []org.Company
	Filter  org.CompanyFilter
	Origins []choice
	Sectors []choice
	Groups  []choice
	Pager   templates.Pager
	Total   int
	Keeps   bool
}

func (s *Server) companies(c *gin.Context) error {
	p := companiesPage{Page: s.page(c, "companies.title")}
	p.Filter = org.CompanyFilter{Search: clean(c.Query("q")), Origin: c.Query("origin"), Sector: c.Query("sector"), Group: c.Query("group"), Page: pageNumber(c), Size: 20}
	p.Origins, p.Sectors = choices(p.Translator, "origin.", org.Origins), choices(p.Translator, "sector.", org.Sectors)
	p.Groups = choices(p.Translator, "group.", []string{"G1", "G2"})
	p.Keeps = managers(actor(c)) || actor(c).Role == org.RoleChamber
	var err error
	if p.Rows, p.Total, err = s.Org.Companies(c.Request.Context(), actor(c), p.Filter); err != nil {
		return err
	}
	p.Pager = templates.NewPager(p.Path, c.Request.URL.Query(), p.Filter.Page, p.Filter.Size, p.Total)
	s.show(c, http.StatusOK, "org/companies", &p)
	return nil
}

type companyPage struct {
	templates.Page
	Company                         org.Company
	New                             bool
	Keeps                           bool
	Origins, Sectors, Groups, Units []choice
	Contact                         string
	People                          []org.Account
	Form                            org.Account
	Code                            string
	CodeFor                         string
}

func (s *Server) companyPage(c *gin.Context) (*companyPage, error) {
	p := &companyPage{Page: s.page(c, "companies.new"), Company: org.Company{Active: true}, New: c.Param("company") == "new", Keeps: managers(actor(c)) || actor(c).Role == org.RoleChamber}
	p.Back = templates.Link{Href: "/o/companies", Label: p.T("companies.title")}
	p.Origins, p.Sectors, p.Groups = choices(p.Translator, "origin.", org.Origins), choices(p.Translator, "sector.", org.Sectors), choices(p.Translator, "group.", []string{"G1", "G2"})
	var err error
	if p.Units, err = s.unitChoices(c.Request.Context(), p.Translator); err != nil || p.New {
		return p, err
	}
	id, err := pathID[org.CompanyID](c, "company")
	if err != nil {
		return nil, err
	}
	if p.Company, err = s.Org.Company(c.Request.Context(), actor(c), id); err != nil {
		return nil, err
	}
	p.Title, p.Contact = p.Company.In(p.Lang()), idText(p.Company.ContactUnit)
	if p.Keeps {
		p.People, _, err = s.Org.Accounts(c.Request.Context(), actor(c), org.AccountFilter{Company: id, Page: 1, Size: 50})
	}
	return p, err
}

func (s *Server) companyView(c *gin.Context) error {
	p, err := s.companyPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "org/company", p)
	return nil
}

func (s *Server) saveCompany(c *gin.Context) error {
	p, err := s.companyPage(c)
	if err != nil {
		return err
	}
	id := p.Company.ID
	p.Contact = line(c, "contact_unit")
	p.Company = org.Company{ID: id, Licence: org.NormalLicence(line(c, "licence")), Names: org.Names{ZH: text(c, "name_zh"), EN: text(c, "name_en"), RU: text(c, "name_ru")},
		Origin: c.PostForm("origin"), Sector: c.PostForm("sector"), RaterGroup: c.PostForm("rater_group"), Township: text(c, "township"), Head: text(c, "head"),
		Phone: line(c, "phone"), Email: line(c, "email"), ContactUnit: formID[org.UnitID](c, "contact_unit"), Active: true, Member: ticked(c, "member")}
	if id, err = s.Org.SaveCompany(c.Request.Context(), actor(c), p.Company); err != nil {
		return s.refuseIn(c, err, "org/company", p, "licence", "name_zh", "name_en", "name_ru", "origin", "sector", "rater_group", "township", "head", "phone", "email")
	}
	s.redirect(c, "/o/companies/"+idText(id), "saved")
	return nil
}

// addCompanyAccount invites a person of a company, or makes a new code for one.
// The code is shown once, so the answer is the page itself.
func (s *Server) addCompanyAccount(c *gin.Context) error {
	p, err := s.companyPage(c)
	if err != nil {
		return err
	}
	if id := formID[org.AccountID](c, "account"); id != 0 {
		p.CodeFor = line(c, "login")
		if p.Code, err = s.Org.NewCode(c.Request.Context(), actor(c), id); err != nil {
			return err
		}
	} else {
		p.Form = org.Account{Login: line(c, "login"), Name: text(c, "name"), Role: org.RoleCompany, Company: p.Company.ID, Phone: line(c, "phone")}
		if _, p.Code, err = s.Org.CreateAccount(c.Request.Context(), actor(c), p.Form); err != nil {
			return s.refuseIn(c, err, "org/company", p, "name", "login")
		}
		p.CodeFor, p.Form = p.Form.Login, org.Account{}
	}
	p.Done = p.T("company.code-made")
	s.show(c, http.StatusOK, "org/company", p)
	return nil
}

type unitsPage struct {
	templates.Page
	Units []org.Unit
}

func (s *Server) units(c *gin.Context) error {
	p := unitsPage{Page: s.page(c, "units.title")}
	var err error
	if p.Units, err = s.Org.Units(c.Request.Context()); err != nil {
		return err
	}
	s.show(c, http.StatusOK, "org/units", &p)
	return nil
}

type unitPage struct {
	templates.Page
	Unit    org.Unit
	Class   string
	Classes []choice
	Above   string   // number of the superior unit
	Units   []choice // that may be the superior
}

func (s *Server) unitPage(c *gin.Context) (*unitPage, error) {
	p := &unitPage{Page: s.page(c, "units.new")}
	p.Narrow = true
	p.Back = templates.Link{Href: "/o/units", Label: p.T("units.title")}
	p.Classes = numbers(p.Translator, "class.", 5)
	var err error
	if p.Units, err = s.unitChoices(c.Request.Context(), p.Translator); err != nil {
		return nil, err
	}
	if c.Param("unit") == "new" {
		return p, nil
	}
	id, err := pathID[org.UnitID](c, "unit")
	if err != nil {
		return nil, err
	}
	if p.Unit, err = s.Org.Unit(c.Request.Context(), id); err != nil {
		return nil, err
	}
	p.Title, p.Class, p.Above = p.Unit.Names.In(p.Lang()), idText(int64(p.Unit.Class)), idText(p.Unit.Superior)
	p.Units = slices.DeleteFunc(p.Units, func(u choice) bool { return u.Value == idText(id) })
	return p, nil
}

func (s *Server) unitView(c *gin.Context) error {
	p, err := s.unitPage(c)
	if err != nil {
		return err
	}
	s.show(c, http.StatusOK, "org/unit", p)
	return nil
}

func (s *Server) saveUnit(c *gin.Context) error {
	p, err := s.unitPage(c)
	if err != nil {
		return err
	}
	p.Class, p.Above = line(c, "class"), line(c, "superior")
	head := text(c, "head")
	p.Unit = org.Unit{ID: p.Unit.ID, Code: line(c, "code"), Class: int(formID[int64](c, "class")), Names: org.Names{ZH: text(c, "name_zh"), EN: text(c, "name_en"), RU: text(c, "name_ru")},
		Duties: org.Duties{ZH: text(c, "duties_zh"), EN: text(c, "duties_en"), RU: text(c, "duties_ru")}, WindowZH: text(c, "window_zh"), Active: true, Head: head, Superior: formID[org.UnitID](c, "superior")}
	id, err := s.Org.SaveUnit(c.Request.Context(), actor(c), p.Unit)
	if err == nil {
		err = s.Org.SetHead(c.Request.Context(), actor(c), id, head)
	}
	if err != nil {
		return s.refuseIn(c, err, "org/unit", p, "code", "class", "name_zh", "name_en", "name_ru", "head")
	}
	s.redirect(c, "/o/units", "saved")
	return nil
}

type peoplePage struct {
	templates.Page
	Bodies []bodyRow
}

type bodyRow struct {
	org.Body
	Members []org.Membership
	Others  []choice
	Posts   []choice
}

func (s *Server) people(c *gin.Context) error {
	ctx := c.Request.Context()
	p := peoplePage{Page: s.page(c, "people.title")}
	bodies, err := s.Org.Bodies(ctx)
	if err != nil {
		return err
	}
	for _, b := range bodies {
		if b.Kind != org.BodyLeadingGroup && b.Kind != org.BodyChamber && b.Kind != org.BodyInvited {
			continue
		}
		row := bodyRow{Body: b, Posts: choices(p.Translator, "post.", []string{"chair", "deputy", "member", "officer"})}
		if row.Members, err = s.Org.Members(ctx, actor(c), b.ID); err != nil {
			return err
		}
		accounts, _, err := s.Org.Accounts(ctx, actor(c), org.AccountFilter{Body: b.ID, Page: 1, Size: 200})
		if err != nil {
			return err
		}
		for _, a := range accounts {
			row.Others = append(row.Others, choice{Value: idText(a.ID), Label: a.Name + " · " + a.Login})
		}
		p.Bodies = append(p.Bodies, row)
	}
	s.show(c, http.StatusOK, "org/people", &p)
	return nil
}

func (s *Server) appoint(c *gin.Context) error {
	body, account := formID[org.BodyID](c, "body"), formID[org.AccountID](c, "account")
	var err error
	if c.PostForm("act") == "dismiss" {
		err = s.Org.Dismiss(c.Request.Context(), actor(c), body, account)
	} else {
		err = s.Org.Appoint(c.Request.Context(), actor(c), body, account, org.Post(c.PostForm("post")))
	}
	if err != nil {
		return err
	}
	s.redirect(c, "/o/people", "saved")
	return nil
}
