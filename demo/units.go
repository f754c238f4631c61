package demo

// unitRow is a unit of the demo county: its institutions are those a county of
// the north-east has today; heads, opinions and figures are invented.
type unitRow struct {
	code                 string
	class                int
	zh, en, ru           string
	duty, dutyEN, dutyRU string
}

var units = []unitRow{
	{"D01", 1, "县发展和改革局", "Development and Reform Bureau", "Управление развития и реформ", "项目立项、备案，价格管理", "Project approval and filing, prices", "Согласование проектов, цены"},
	{"D02", 1, "县工业和信息化局", "Industry and Information Technology Bureau", "Управление промышленности и информатизации", "工业项目、技改、用电协调", "Industrial projects, upgrades, power co-ordination", "Промышленные проекты, модернизация"},
	{"D03", 1, "县财政局", "Finance Bureau", "Финансовое управление", "奖补资金拨付、政府采购", "Payment of grants, procurement", "Выплата субсидий, закупки"},
	{"D04", 1, "县人力资源和社会保障局", "Human Resources and Social Security Bureau", "Управление кадров и соцобеспечения", "用工、社保、外籍人员工作许可", "Labour, social insurance, work permits", "Труд, соцстрахование, разрешения на работу"},
	{"D05", 1, "县自然资源局", "Natural Resources Bureau", "Управление природных ресурсов", "用地、规划、不动产登记", "Land, planning, real-estate registration", "Земля, планировка, регистрация недвижимости"},
	{"D06", 1, "县住房和城乡建设局", "Housing and Urban–Rural Development Bureau", "Управление жилья и строительства", "施工许可、竣工验收、供热供水管理", "Construction permits, acceptance, heating and water", "Разрешения на строительство, приёмка"},
	{"D07", 1, "县交通运输局", "Transport Bureau", "Управление транспорта", "道路运输许可、公路养护", "Transport licences, roads", "Лицензии на перевозки, дороги"},
	{"D08", 1, "县水务局", "Water Affairs Bureau", "Управление водного хозяйства", "取水许可、防汛", "Water use permits, flood control", "Разрешения на водопользование"},
	{"D09", 1, "县农业农村局", "Agriculture and Rural Affairs Bureau", "Управление сельского хозяйства", "农业项目、农机、种养殖许可", "Farm projects, machinery, permits", "Аграрные проекты, техника, разрешения"},
	{"D10", 1, "县林业和草原局", "Forestry and Grassland Bureau", "Управление лесного хозяйства", "林地使用、木材加工许可", "Forest land, wood processing permits", "Лесные участки, деревообработка"},
	{"D11", 1, "县商务和招商局", "Commerce and Investment Promotion Bureau", "Управление торговли и инвестиций", "招商引资、外贸、口岸协调", "Investment promotion, foreign trade", "Привлечение инвестиций, внешняя торговля"},
	{"D12", 1, "县营商环境建设监督局", "Business Environment Supervision Bureau", "Управление надзора за деловой средой", "营商环境投诉、政务服务监督", "Complaints, oversight of services", "Жалобы, надзор за услугами"},
	{"D13", 1, "县行政审批服务中心", "Administrative Approval Service Centre", "Центр административных услуг", "一窗受理、证照办理", "One-stop window, licences", "Единое окно, лицензии"},
	{"D14", 1, "县科学技术局", "Science and Technology Bureau", "Управление науки и технологий", "科技项目、高新技术企业认定", "Science projects, high-tech status", "Научные проекты, статус высоких технологий"},
	{"D15", 1, "县金融服务中心", "Financial Service Centre", "Центр финансовых услуг", "银企对接、担保、上市辅导", "Bank contacts, guarantees", "Связь с банками, гарантии"},
	{"D21", 2, "县市场监督管理局", "Market Regulation Bureau", "Управление надзора за рынком", "登记注册、食品与特种设备安全", "Registration, food and equipment safety", "Регистрация, безопасность продуктов и оборудования"},
	{"D22", 2, "县公安局", "Public Security Bureau", "Управление общественной безопасности", "治安、出入境、交通管理", "Public order, entry and exit, traffic", "Порядок, въезд и выезд, дорожное движение"},
	{"D23", 2, "县司法局", "Justice Bureau", "Управление юстиции", "公证、法律援助、行政复议", "Notary, legal aid, review", "Нотариат, правовая помощь"},
	{"D24", 2, "黑河市生态环境局嫩江分局", "Ecology and Environment Branch", "Отделение экологии и окружающей среды", "环评审批、排污许可、环境执法", "Impact assessment, discharge permits", "Экологическая экспертиза, разрешения на выбросы"},
	{"D25", 2, "县应急管理局", "Emergency Management Bureau", "Управление по чрезвычайным ситуациям", "安全生产许可与检查", "Work safety permits and inspections", "Промышленная безопасность"},
	{"D26", 2, "县消防救援大队", "Fire and Rescue Brigade", "Пожарно-спасательный отряд", "消防验收与检查", "Fire acceptance and inspections", "Пожарная приёмка и проверки"},
	{"D27", 2, "县城市管理综合执法局", "Urban Management and Law Enforcement Bureau", "Управление городского хозяйства и контроля", "市容、户外广告、渣土", "Street order, signs, spoil", "Благоустройство, вывески"},
	{"D28", 2, "县卫生健康局", "Health Bureau", "Управление здравоохранения", "卫生许可、职业健康", "Health permits, occupational health", "Санитарные разрешения"},
	{"D29", 2, "县文体广电和旅游局", "Culture, Sports, Radio, TV and Tourism Bureau", "Управление культуры, спорта и туризма", "文旅项目、经营许可", "Tourism projects, permits", "Туризм, разрешения"},
	{"D31", 3, "县教育局", "Education Bureau", "Управление образования", "员工子女入学", "Schooling of staff children", "Школы для детей сотрудников"},
	{"D32", 3, "县民政局", "Civil Affairs Bureau", "Управление гражданских дел", "社会组织登记、地名", "Associations, place names", "Регистрация объединений"},
	{"D33", 3, "县审计局", "Audit Bureau", "Аудиторское управление", "政府投资项目审计", "Audit of public projects", "Аудит государственных проектов"},
	{"D34", 3, "县统计局", "Statistics Bureau", "Статистическое управление", "企业统计报表", "Company statistics", "Статистическая отчётность"},
	{"D35", 3, "县信访局", "Letters and Visits Bureau", "Управление обращений граждан", "来信来访接待", "Letters and visits", "Приём обращений"},
	{"D36", 3, "县医疗保障局", "Healthcare Security Bureau", "Управление медстрахования", "职工医保缴费与报销", "Medical insurance", "Медицинское страхование"},
	{"D37", 3, "县退役军人事务局", "Veterans Affairs Bureau", "Управление по делам ветеранов", "退役军人就业对接", "Jobs for veterans", "Трудоустройство ветеранов"},
	{"D38", 3, "县粮食局", "Grain Bureau", "Управление зерновых ресурсов", "粮食收购许可、仓储", "Grain purchase permits, storage", "Закупка и хранение зерна"},
	{"D39", 3, "县档案馆", "Archives", "Архив", "档案查询利用", "Records", "Архивные справки"},
	{"D40", 3, "县工商业联合会", "Federation of Industry and Commerce", "Федерация промышленности и торговли", "企业培训、商会指导", "Training, chambers", "Обучение, палаты"},
	{"D41", 3, "县融媒体中心", "Media Centre", "Медиацентр", "宣传与广告", "Publicity", "Реклама и публикации"},
	{"D42", 3, "县机关事务服务中心", "Government Offices Service Centre", "Центр обслуживания учреждений", "公共场馆使用", "Public halls", "Общественные помещения"},
	{"D51", 4, "国家税务总局嫩江县税务局", "Tax Bureau", "Налоговая служба", "申报纳税、出口退税、发票", "Tax filing, export refunds, invoices", "Налоги, возврат при экспорте, счета"},
	{"D52", 4, "中国人民银行嫩江县支行", "People's Bank branch", "Отделение Народного банка", "账户、外汇、征信", "Accounts, foreign exchange, credit records", "Счета, валюта, кредитная история"},
	{"D53", 4, "县气象局", "Meteorological Bureau", "Метеорологическая служба", "防雷检测、气象服务", "Lightning protection, weather service", "Грозозащита, метеослужба"},
	{"D54", 4, "海关嫩江办事处", "Customs office", "Таможенный пост", "报关、检验检疫", "Declarations, inspection, quarantine", "Декларирование, карантин"},
	{"D55", 4, "国网嫩江县供电公司", "Power supply company", "Электросети", "报装用电、检修", "Connections, outages", "Подключение, ремонт сетей"},
	{"D56", 4, "县供排水公司", "Water and drainage company", "Водоканал", "供水报装、排水", "Water connections, drainage", "Водоснабжение, канализация"},
	{"D57", 4, "县供热公司", "Heating company", "Тепловые сети", "供汽供热", "Steam and heat", "Пар и тепло"},
	{"D58", 4, "县燃气公司", "Gas company", "Газовая компания", "燃气报装与安检", "Gas connections and checks", "Подключение газа"},
	{"D59", 4, "邮政嫩江分公司", "Post", "Почта", "寄递、代办", "Mail and parcels", "Почтовые услуги"},
	{"D60", 4, "电信运营企业（联合评议）", "Telecom operators (joint)", "Операторы связи (совместно)", "宽带、专线、通信", "Lines and connections", "Связь и интернет"},
	{"D61", 4, "铁路嫩江车务段", "Railway section", "Железнодорожная дистанция", "货运计划、车皮", "Freight plans, wagons", "Грузовые планы, вагоны"},
	{"D62", 4, "农村信用社", "Rural credit co-operative", "Сельский кредитный кооператив", "贷款、结算", "Loans, settlement", "Кредиты, расчёты"},
	{"T01", 5, "嫩江镇", "Nenjiang Town", "Посёлок Нэньцзян", "", "", ""}, {"T02", 5, "伊拉哈镇", "Yilaha Town", "Посёлок Илаха", "", "", ""},
	{"T03", 5, "双山镇", "Shuangshan Town", "Посёлок Шуаншань", "", "", ""}, {"T04", 5, "多宝山镇", "Duobaoshan Town", "Посёлок Добаошань", "", "", ""},
	{"T05", 5, "海江镇", "Haijiang Town", "Посёлок Хайцзян", "", "", ""}, {"T06", 5, "前进镇", "Qianjin Town", "Посёлок Цяньцзинь", "", "", ""},
	{"T07", 5, "长福镇", "Changfu Town", "Посёлок Чанфу", "", "", ""}, {"T08", 5, "科洛镇", "Keluo Town", "Посёлок Кэло", "", "", ""},
	{"T09", 5, "临江乡", "Linjiang Township", "Волость Линьцзян", "", "", ""}, {"T10", 5, "联兴乡", "Lianxing Township", "Волость Ляньсин", "", "", ""},
	{"T11", 5, "白云乡", "Baiyun Township", "Волость Байюнь", "", "", ""}, {"T12", 5, "塔溪乡", "Taxi Township", "Волость Таси", "", "", ""},
	{"T13", 5, "霍龙门乡", "Huolongmen Township", "Волость Холунмэнь", "", "", ""}, {"T14", 5, "长江乡", "Changjiang Township", "Волость Чанцзян", "", "", ""},
}
