package demo

import (
	"pingyi/ledger"
)

// projects of the county. The first is the key project the county's report names;
// no sum of money is invented for it.
var projects = []ledger.ProjectDraft{
	{No: "XM-001", ZH: "蛋白页岩综合开发项目（演示）", EN: "Opal-shale development (demo)", RU: "Освоение опаловых сланцев (демо)", Investor: "演示投资方甲", Area: "county", Class: "industry", State: "building",
		Key: true, LeadingOrg: "蛋白页岩开发项目领导小组（演示）", Person: "周某平", Post: "县发展和改革局副局长", Phone: "0456-7000001"},
	{No: "XM-002", ZH: "大豆深加工园区二期（演示）", EN: "Soybean processing park, phase two (demo)", RU: "Парк глубокой переработки сои, вторая очередь (демо)", Investor: "演示投资方乙", Area: "county", Class: "industry", State: "contract",
		Key: true, LeadingOrg: "大豆深加工园区建设指挥部（演示）", Person: "吴某国", Post: "县工业和信息化局局长", Phone: "0456-7000002"},
	{No: "XM-003", ZH: "污水处理厂扩建（演示）", EN: "Sewage works extension (demo)", RU: "Расширение очистных сооружений (демо)", Investor: "演示投资方丙", Area: "county", Class: "infrastructure", State: "building"},
	{No: "XM-004", ZH: "九三粮食仓储物流（演示）", EN: "Jiusan grain storage and logistics (demo)", RU: "Зернохранилища и логистика «Цзюсань» (демо)", Investor: "演示投资方丁", Area: "jiusan", Class: "other", State: "production"},
	{No: "XM-005", ZH: "对俄贸易加工园（演示）", EN: "Russia trade and processing park (demo)", RU: "Парк торговли и переработки для России (демо)", Investor: "演示投资方戊", Area: "county", Class: "other", State: "agreement"},
}

// projectOf are the companies of projects whose investor has one in the county, by
// their places.
var projectOf = map[string]int{"XM-001": 0, "XM-002": 1, "XM-004": 3}

// makeProjects enters the projects; the responsible person of the second changed once.
func (c *county) makeProjects() error {
	by := c.people["campaign"]
	for _, d := range projects {
		if i, is := projectOf[d.No]; is {
			co, err := c.Org.Company(c.ctx, maker, c.companies[i].actor.Company)
			if err != nil {
				return err
			}
			d.Licence = co.Licence
		}
		now := d
		if d.No == "XM-002" {
			d.Person, d.Post, d.Phone = "郑某民", "县工业和信息化局副局长", "0456-7000003"
		}
		id, err := c.Projects.Enter(c.ctx, by, d, c.key())
		if err != nil {
			return err
		}
		if now != d {
			now.Version = 1
			if err := c.Projects.Change(c.ctx, by, id, now); err != nil {
				return err
			}
		}
	}
	return nil
}
