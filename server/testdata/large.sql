-- A county with years behind it, put around a small demo county: 3,000 companies, 100,000
-- issues with 1,000,000 events, 60,000 visits, 50,000 sheets and the rest in proportion.
-- One unit has a fifth of the issues and one company two thousand, as lists are slow where
-- much is in one hand. Statements are separated by a line of two hyphens.
SET LOCAL session_replication_role = replica
--
CREATE TEMP TABLE units_k AS SELECT row_number() OVER (ORDER BY id) - 1 AS k, id FROM units
--
INSERT INTO companies (licence, name_zh, name_en, name_ru, origin, sector, rater_group, township, head_name, phone, contact_unit_id, created_at)
SELECT '9123' || lpad(n::text, 14, '0'), (ARRAY['兴安','黑河','北方','龙江','松嫩','远东','华夏','恒通'])[1 + n % 8] || (ARRAY['木业','粮油','机电','建材','物流','乳业','能源','商贸'])[1 + n / 8 % 8] || n || '号有限公司',
    'Company ' || n, 'ООО Компания ' || n, (ARRAY['local','county_outside','province_outside','foreign','russia'])[1 + n % 5], 'timber', CASE WHEN n % 3 = 0 THEN 'G2' ELSE 'G1' END, '',
    '负责人' || n, '1390000' || n, u.id, timestamptz '2024-01-05 01:00Z'
FROM generate_series(1, 2940) n JOIN units_k u ON u.k = n % (SELECT count(*) FROM units_k)
--
CREATE TEMP TABLE companies_k AS SELECT row_number() OVER (ORDER BY id) - 1 AS k, id FROM companies
--
INSERT INTO chamber_members (company_id, from_on) SELECT id, date '2024-02-01' FROM companies WHERE name_en LIKE 'Company %' AND id % 2 = 0 ON CONFLICT DO NOTHING
--
CREATE TEMP TABLE lives AS
SELECT n, 1000000 + n AS id, (SELECT c.id FROM companies_k c WHERE c.k = CASE WHEN n % 50 = 0 THEN 0 ELSE n * 31 % 3000 END) AS company,
    (SELECT u.id FROM units_k u WHERE u.k = CASE WHEN n % 5 = 0 THEN 0 ELSE n * 17 % (SELECT count(*) FROM units_k) END) AS lead,
    (SELECT u.id FROM units_k u WHERE u.k = n * 13 % (SELECT count(*) FROM units_k)) AS other,
    CASE WHEN h < 3 THEN 'raised' WHEN h < 7 THEN 'registered' WHEN h < 8 THEN 'disputed' WHEN h < 38 THEN 'in_progress' WHEN h < 50 THEN 'answered' WHEN h < 52 THEN 'queued'
        WHEN h < 57 THEN 'ordered' WHEN h < 60 THEN 'result_ready' WHEN h < 70 THEN 'withdrawn' WHEN h < 75 THEN 'merged' WHEN h < 80 THEN 'declined' ELSE 'closed' END AS state,
    timestamptz '2026-11-23 01:00Z' - CASE WHEN h < 60 THEN n % 40 ELSE 20 + n % 1050 END * interval '1 day' AS at, h
FROM (SELECT n, n * 7919 % 1000 AS h FROM generate_series(1, 100000) n) x
--
INSERT INTO issues (id, ref, company_id, category, title, body, name_shown, lang, raised_by, raised_at, state, grade, lead_unit_id, registered_at, register_due, sign_due, signed_at,
    respond_due, responded_at, deadline, deadline_on, calendar_version, answered_at, queued_at, queue_reason, result, verdict, satisfaction, closed_at, idem, last_event, proposed_unit_id, proposers,
    cooperating, due_at, clock_at, special, obstacle, feedback_due, reopen_until)
OVERRIDING SYSTEM VALUE
SELECT l.id, 'NJ-' || extract(year FROM l.at) || '-' || 100000 + n, l.company, 1 + n % 17,
    CASE n % 10 WHEN 0 THEN 'Перебои с электричеством в парке ' || n % 1000 WHEN 1 THEN 'Power outages in the park ' || n % 1000 ELSE w[1 + n % 20] || w[1 + n / 20 % 20] || w[1 + n / 400 % 20] || n % 1000 END,
    CASE n % 10 WHEN 0 THEN 'Электричество отключают без предупреждения, станки стоят, заказ сорван.' WHEN 1 THEN 'The power fails without notice, the machines stand still, an order is late.' ELSE
        (SELECT string_agg(w[1 + (n * 7 + m * m * 13 + n / (m + 1)) % 20], CASE WHEN m % 4 = 0 THEN '，' ELSE '' END) FROM generate_series(1, 40) m) END,
    (ARRAY['unit','unit','offices','chamber'])[1 + n % 4], CASE n % 10 WHEN 0 THEN 'ru' WHEN 1 THEN 'en' ELSE 'zh-CN' END, a.id, l.at, l.state,
    CASE WHEN led THEN (ARRAY['A','B','C','C','B'])[1 + n % 5] END, CASE WHEN led THEN l.lead END, CASE WHEN led THEN l.at + interval '4 hours' END, l.at + interval '1 day', CASE WHEN led THEN l.at + interval '2 days' END,
    CASE WHEN led AND l.state NOT IN ('registered','disputed') THEN l.at + interval '1 day' END, CASE WHEN led THEN l.at + interval '4 days' END,
    CASE WHEN led AND h >= 15 THEN l.at + interval '3 days' END, CASE WHEN led THEN l.at + (5 + n % 30) * interval '1 day' END, CASE WHEN led THEN (l.at + (5 + n % 30) * interval '1 day')::date END,
    CASE WHEN led THEN 1 END, CASE WHEN l.state IN ('answered','result_ready','closed') THEN l.at + (3 + n % 15) * interval '1 day' END,
    CASE WHEN l.state IN ('queued','ordered','result_ready') OR l.state = 'closed' AND n % 10 = 3 THEN l.at + interval '9 days' END, CASE WHEN l.state IN ('queued','ordered') THEN 'overdue' END,
    CASE WHEN l.state IN ('answered','closed') THEN 'solved' END, CASE WHEN l.state = 'closed' THEN (ARRAY['solved','solved','solved','partly','not'])[1 + n % 5] END,
    CASE WHEN l.state = 'closed' THEN (ARRAY['vs','s','s','b','d'])[1 + n % 5] END, CASE WHEN l.state = 'closed' THEN l.at + (4 + n % 15) * interval '1 day' END, 'large-' || n,
    10000009 + n * 10, CASE WHEN l.state = 'disputed' THEN l.other END, CASE WHEN l.state = 'disputed' THEN ARRAY[l.lead] ELSE '{}' END, CASE WHEN n % 7 = 0 THEN ARRAY[l.other] ELSE '{}' END,
    CASE WHEN h < 60 THEN l.at + (5 + n % 30) * interval '1 day' END, CASE WHEN h < 60 THEN timestamptz '2026-11-24 16:00Z' END, n % 400 = 0, CASE WHEN n % 3000 = 0 THEN 'upheld' ELSE '' END,
    CASE WHEN l.state = 'result_ready' THEN timestamptz '2026-11-24 16:00Z' END, CASE WHEN l.state = 'closed' THEN l.at + interval '30 days' END
FROM lives l JOIN LATERAL (SELECT l.state NOT IN ('raised','declined') AS led) y ON true JOIN (SELECT min(id) AS id FROM accounts WHERE role = 'company') a ON true,
    (SELECT ARRAY['园区供电','频繁中断','影响生产','消防验收','迟迟没有','土地使用','证件办理','拖延半年','厂房补贴','承诺兑现','海关查验','出口退税','道路运输','用工不足','融资困难','检查过多','收费不明','物业管理','污水处理','原料采购'] AS w) x
--
INSERT INTO issue_events (id, issue_id, at, actor, role, unit_id, kind, body, internal, data, idem, calendar_version)
OVERRIDING SYSTEM VALUE
SELECT 10000000 + n * 10 + k, l.id, l.at + k * interval '7 hours', a.id, CASE WHEN k IN (0, 9) THEN 'company' WHEN k IN (1, 7) THEN 'receiver' ELSE 'officer' END, CASE WHEN k NOT IN (0, 9) THEN l.lead END,
    (CASE WHEN l.state = 'raised' THEN ARRAY['raise','message','message','message','message','message','message','message','message','message']
        WHEN h % 20 = 9 THEN ARRAY['raise','register','propose','propose','arbitrate','sign','reply','answer','message','accept']
        WHEN h % 4 = 1 THEN ARRAY['raise','register','sign','remind','remind','reply','answer','callback','message','accept']
        ELSE ARRAY['raise','register','sign','reply','message','cooperate','answer','callback','message','accept'] END)[k + 1], '办理情况说明第' || k || '次，已与企业联系。', k = 7,
    CASE k WHEN 1 THEN '{"grade":"B"}'::jsonb WHEN 2 THEN jsonb_build_object('to', l.other, 'clause', '第三条') WHEN 3 THEN '{"step":"officer","deadline":"2026-01-05"}'::jsonb WHEN 9 THEN '{"verdict":"solved","satisfaction":"s"}'::jsonb ELSE '{}'::jsonb END,
    'large-' || n || '-' || k, 1
FROM lives l CROSS JOIN generate_series(0, 9) k JOIN (SELECT min(id) AS id FROM accounts WHERE role = 'company') a ON true
--
INSERT INTO orders (no, issue_id, lead_unit_id, requirement, deadline, deadline_on, calendar_version, signed_by, issued_at, received_at, reported_at, fed_back_at, done_at, state, idem)
SELECT 'ZC-' || extract(year FROM at) || '-' || 10000 + n, l.id, l.lead, '限期解决，逐项销号，书面报告结果。', at + interval '20 days', (at + interval '20 days')::date, 1, a.id, at + interval '8 days', at + interval '9 days',
    CASE WHEN state <> 'ordered' THEN at + interval '14 days' END, CASE WHEN state = 'closed' THEN at + interval '15 days' END, CASE WHEN state = 'closed' THEN at + interval '16 days' END,
    CASE state WHEN 'ordered' THEN 'received' WHEN 'result_ready' THEN 'reported' ELSE 'done' END, 'large-' || n
FROM lives l JOIN (SELECT min(id) AS id FROM accounts WHERE role = 'leader') a ON true WHERE state IN ('ordered', 'result_ready') OR state = 'closed' AND n % 13 = 3
--
INSERT INTO documents (kind, year, number, no, title, unit_id, company_id, addressee, paragraphs, organ, made_on, made_at, issue_ref, source)
SELECT (ARRAY['reminder','reminder','supervision','transfer','order','feedback'])[1 + n % 6], extract(year FROM at), 1000 + n, '嫩招〔' || extract(year FROM at) || '〕' || 1000 + n || '号', '关于限期办理企业反映问题的通知',
    CASE WHEN n % 6 < 5 THEN lead END, CASE WHEN n % 6 = 5 THEN company END, '有关单位', ARRAY['请于三个工作日内报告办理情况。'], '嫩江县招商引资领导小组', (at + interval '10 days')::date, at + interval '10 days',
    'NJ-' || extract(year FROM at) || '-' || 100000 + n, 'large-' || n
FROM lives WHERE n % 5 < 2
--
INSERT INTO visits (id, unit_id, company_id, year, quarter, due, visited_on, staff, purpose, matters, token_hash, requested_at, link_until, idem, recorded_at)
OVERRIDING SYSTEM VALUE
SELECT 1000000 + n, u.id, c.id, 2023 + n % 16 / 4, 1 + n % 16 % 4, true, CASE WHEN n % 8 <> 0 THEN make_date(2023 + n % 16 / 4, 3 * (n % 16 % 4) + 2, 1 + n % 28) END, '王五', '走访', '了解生产经营情况',
    CASE WHEN n % 8 <> 0 THEN sha256(convert_to('v' || n, 'UTF8')) END, CASE WHEN n % 8 <> 0 THEN make_timestamptz(2023 + n % 16 / 4, 3 * (n % 16 % 4) + 2, 1 + n % 28, 9, 0, 0, 'UTC') END,
    timestamptz '2026-12-31 00:00Z', 'large-' || n, CASE WHEN n % 8 <> 0 THEN make_timestamptz(2023 + n % 16 / 4, 3 * (n % 16 % 4) + 2, 1 + n % 28, 9, 0, 0, 'UTC') END
FROM generate_series(1, 60000) n JOIN units_k u ON u.k = CASE WHEN n / 16 % 6 = 0 THEN 0 ELSE n / 16 % (SELECT count(*) FROM units_k) END
    JOIN companies_k c ON c.k = CASE WHEN n / 16 % 6 = 0 THEN n / 16 % 2990 ELSE n / 16 / (SELECT count(*) FROM units_k) * 41 % 3000 END
ON CONFLICT DO NOTHING
--
INSERT INTO sheets (id, no, visit_id, area, matters, q1, q2, q3, q4, demand, demand_text, solved, opinion, suggestion, wants_reply, release, lang, channel, filed_at, score, idem)
OVERRIDING SYSTEM VALUE
SELECT v.id, 'FK-' || v.year || '-' || v.id, v.id, (ARRAY['advice','registration','inspection','later','other'])[1 + v.id % 5], '办理手续', x.l, 's', 's', 'vs', CASE WHEN v.id % 200 = 1 THEN 'yes' ELSE 'no' END,
    CASE WHEN v.id % 200 = 1 THEN '要求参加收费培训' ELSE '' END, 'yes', CASE WHEN v.id % 5 = 2 THEN '窗口要反复跑，建议一次性告知。' ELSE '' END, CASE WHEN v.id % 11 = 2 THEN '建议设双语窗口。' ELSE '' END,
    v.id % 9 = 1, (ARRAY['no','yes','summary'])[1 + v.id % 3], 'zh-CN', 'account', v.requested_at + interval '2 days', '80/1', 'large-' || v.id
FROM visits v JOIN LATERAL (SELECT (ARRAY['vs','s','s','b','d'])[1 + v.id % 5] AS l) x ON true WHERE v.id > 1000000 AND v.requested_at IS NOT NULL AND v.id % 30 <> 1
--
INSERT INTO sheet_receipts (sheet_id, office, delivered_at, received_at)
SELECT s.id, o, s.filed_at, CASE WHEN s.id % 97 <> 0 OR s.filed_at < timestamptz '2026-07-01Z' THEN s.filed_at + interval '1 day' END FROM sheets s, (VALUES ('party_office'), ('government_office')) x (o) WHERE s.id > 1000000
--
INSERT INTO comment_batches (unit_id, year, quarter, seed, released_at, released_by)
SELECT DISTINCT v.unit_id, v.year, v.quarter, sha256(convert_to(v.unit_id || '-' || v.year || v.quarter, 'UTF8')), make_timestamptz(v.year, 3 * v.quarter, 28, 0, 0, 0, 'UTC'), 1 FROM visits v
WHERE v.id > 1000000 AND v.year < 2026 ON CONFLICT DO NOTHING
--
INSERT INTO comments (sheet_id, part, state, text, proposed_by, proposed_office, proposed_at, agreed_by, agreed_office, agreed_at, batch_id)
SELECT s.id, 'opinion', 'released', s.opinion, 1, 'party_office', s.filed_at, 1, 'government_office', s.filed_at, b.id
FROM sheets s JOIN visits v ON v.id = s.visit_id JOIN comment_batches b ON b.unit_id = v.unit_id AND b.year = v.year AND b.quarter = v.quarter WHERE s.id > 1000000 AND s.opinion <> '' AND s.release IN ('yes', 'summary') AND v.year < 2026
--
INSERT INTO suggestions (ref, company_id, made_by, made_at, title, body, lang, named, unit_id, reply, reason, replied_by, replied_at, idem)
SELECT 'JY-' || extract(year FROM at) || '-' || 10000 + n, company, 1, at, '建议开通双语窗口' || n, '办事大厅可以开通双语窗口，方便客商办理业务。', 'zh-CN', n % 2 = 0, CASE WHEN n % 3 > 0 THEN lead END,
    CASE WHEN h >= 60 THEN 'adopted' END, CASE WHEN h >= 60 THEN '已采纳' ELSE '' END, CASE WHEN h >= 60 THEN 1 END, CASE WHEN h >= 60 THEN at + interval '9 days' END, 'large-' || n
FROM lives WHERE n % 10 = 7
--
INSERT INTO promises (ref, company_id, unit_id, kind, text, promised_by, promised_on, due_on, evidence, entered_by, entered_at, state, upheld_by, upheld_at, report, reported_at, fulfilled_at, idem)
SELECT 'CN-' || extract(year FROM at) || '-' || 10000 + n, company, lead, 'subsidy', '厂房补贴一次性兑现' || n, '副县长', at::date, at::date + 300, '合同第八条', 1, at, CASE WHEN h >= 60 THEN 'fulfilled' ELSE 'open' END, 1, at, '', NULL,
    CASE WHEN h >= 60 THEN at + interval '200 days' END, 'large-' || n
FROM lives WHERE n % 20 = 11
--
INSERT INTO passing_cases (ref, kind, issue_id, anchor, opened_at, calendar_version, reply_due, reply_due_on, state, finding, finding_unit, finding_text, found_at, sanction, told_at, told_text)
SELECT 'TW-' || extract(year FROM at) || '-' || 1000 + n, 'loop', id, 10000002 + n * 10, at, 1, at + interval '3 days', at::date, CASE WHEN h = 9 OR n % 9 = 0 THEN 'suspected' ELSE 'told' END,
    CASE WHEN h = 9 OR n % 9 = 0 THEN NULL ELSE 'upheld' END, CASE WHEN h = 9 OR n % 9 = 0 THEN NULL ELSE lead END, '', CASE WHEN h = 9 OR n % 9 = 0 THEN NULL ELSE at END, CASE WHEN h = 9 OR n % 9 = 0 THEN NULL ELSE 'talk' END, CASE WHEN h = 9 OR n % 9 = 0 THEN NULL ELSE at END, ''
FROM lives WHERE h % 100 = 89 AND n % 3 = 0
--
INSERT INTO passing_units (case_id, unit_id, reply, replied_at)
SELECT c.id, x.u, '已书面说明', c.opened_at FROM passing_cases c JOIN lives l ON l.id = c.issue_id JOIN LATERAL (SELECT DISTINCT u FROM (VALUES (l.lead), (l.other)) y (u)) x ON true
--
INSERT INTO barriers (ref, title, category, unit_id, goal, due_on, state, opened_by, opened_at, closed_at, closing, idem)
SELECT 'JG-2025-' || 100 + n, '园区供电能力不足' || n, 1 + n % 17, u.id, '全年停电不超过两次', date '2026-12-31', CASE WHEN n % 3 = 0 THEN 'open' ELSE 'closed' END, 1, timestamptz '2025-03-01 01:00Z',
    CASE WHEN n % 3 <> 0 THEN timestamptz '2026-03-01 01:00Z' END, CASE WHEN n % 3 <> 0 THEN '已解决' ELSE '' END, 'large-' || n
FROM generate_series(1, 150) n JOIN units_k u ON u.k = n % (SELECT count(*) FROM units_k)
--
INSERT INTO barrier_issues (barrier_id, issue_id, added_at)
SELECT b.id, l.id, l.at FROM lives l JOIN barriers b ON b.ref = 'JG-2025-' || 101 + l.n % 150 WHERE l.n % 25 = 12
--
INSERT INTO inspection_plans (no, unit_id, company_id, from_on, until_on, subject, entered_by, entered_at, idem)
SELECT 'JC-' || extract(year FROM at) || '-' || 10000 + n, lead, company, at::date, at::date + 30, '消防安全', 1, at, 'large-' || n FROM lives WHERE n % 10 = 1
--
INSERT INTO inspections (unit_id, company_id, kind, on_day, basis, no_plan_why, amount, entered_by, entered_at, idem)
SELECT lead, company, (ARRAY['inspection','contact','fine'])[1 + n % 3], at::date, '消防法第五十三条', '接到举报', CASE WHEN n % 3 = 2 THEN 500 END, 1, at, 'large-' || n FROM lives WHERE n % 5 = 4
--
INSERT INTO alarms (no, company_id, unit_id, text, channel, raised_at, state, idem)
SELECT 'JB-2025-' || 1000 + n, company, lead, '反映问题后检查次数明显增加', 'code', at, CASE WHEN h < 60 THEN 'new' ELSE 'handling' END, 'large-' || n FROM lives WHERE n % 400 = 3
--
INSERT INTO shield_watches (company_id, act, act_ref, act_on, counts, flagged_at)
SELECT company, 'upheld', 'large-' || n, at::date, (SELECT counts FROM shield_watches LIMIT 1), at FROM lives WHERE n % 400 = 5 AND EXISTS (SELECT FROM shield_watches)
--
INSERT INTO messages (id, kind, topic, link, args, key, posted_at)
OVERRIDING SYSTEM VALUE
SELECT 1000000 + g.n, m.kind, m.topic, m.link, m.args, 'large-' || g.n, timestamptz '2026-11-23 01:00Z' - g.n % 1000 * interval '1 day' FROM generate_series(1, 200000) g (n)
JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS k, * FROM messages) m ON m.k = g.n % (SELECT count(*) FROM messages)
--
INSERT INTO notices (message_id, account_id, visible_at, planned_at, read_at)
SELECT 1000000 + n, a.id, timestamptz '2026-11-23 01:00Z' - n % 1000 * interval '1 day', now(), CASE WHEN n % 1000 > 20 THEN timestamptz '2026-11-22 01:00Z' END
FROM generate_series(1, 200000) n CROSS JOIN generate_series(0, 1) m JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS k, id FROM accounts) a ON a.k = (n * 2 + m) % (SELECT count(*) FROM accounts)
--
INSERT INTO projects (no, name_zh, name_en, name_ru, company_id, area, class, state, idem, entered_at)
SELECT 'XM-' || 1000 + n, '年产' || n || '万吨项目', 'Project ' || n, 'Проект ' || n, c.id, 'county', 'industry', 'building', 'large-' || n, timestamptz '2025-01-01Z' FROM generate_series(1, 500) n JOIN companies_k c ON c.k = n
--
INSERT INTO contracts (id, no, kind, title, investor, company_id, area, class, amount, signed_on, entered_at)
OVERRIDING SYSTEM VALUE
SELECT 1000000 + n, 'HT-' || 100000 + n, 'contract', '投资合同' || n, '投资方' || n, c.id, 'county', 'industry', 1000 + n, date '2023-01-05' + n % 1300, now() FROM generate_series(1, 10000) n JOIN companies_k c ON c.k = n % 3000
--
INSERT INTO arrivals (contract_id, arrived_on, amount, voucher, entered_at) SELECT 1000001 + n % 10000, date '2023-02-05' + n % 1300, 10, 'large-' || n, now() FROM generate_series(1, 50000) n
--
INSERT INTO meetings (id, kind, title, year, quarter, place, convener, planned_on, held_on, state, minutes_no, minutes, called_at, issued_at, idem)
OVERRIDING SYSTEM VALUE
SELECT 1000000 + n, 'dialogue', '面对面座谈会' || n, 2023 + n % 4, 1 + n % 4, '县政府会议室', 1, make_date(2023 + n % 4, 3 * (n % 4) + 1, 1 + n % 28), make_date(2023 + n % 4, 3 * (n % 4) + 1, 1 + n % 28), 'issued', 'JY' || n, '会议议定如下', now(), now(), 'large-' || n FROM generate_series(1, 400) n
--
INSERT INTO meeting_items (meeting_id, kind, company_id, body, reply, replied_at, added_at, idem) SELECT 1000001 + n % 400, 'opinion', c.id, '希望加快办理', '已答复', now(), now(), 'large-' || n FROM generate_series(1, 6000) n JOIN companies_k c ON c.k = n % 3000
--
INSERT INTO decisions (no, meeting_id, text, lead_unit_id, due_on, deadline, calendar_version, state, issued_at, accepted_at, drafted_at, idem)
SELECT 'JD-' || n, 1000001 + n % 400, '由牵头单位限期办结', u.id, date '2026-12-01' - n % 900, timestamptz '2026-12-01Z' - n % 900 * interval '1 day', 1, CASE WHEN n % 10 = 0 THEN 'issued' ELSE 'accepted' END, now(), CASE WHEN n % 10 > 0 THEN now() END, now(), 'large-' || n
FROM generate_series(1, 3000) n JOIN units_k u ON u.k = n % (SELECT count(*) FROM units_k)
--
INSERT INTO invitations (meeting_id, company_id, invited_at, answer) SELECT DISTINCT 1000001 + n % 400, c.id, timestamptz '2025-03-01Z', 'yes' FROM generate_series(1, 9000) n JOIN companies_k c ON c.k = n % 2999
--
INSERT INTO audit (seq, at, actor, role, action, object, detail, prev, hash)
SELECT 10000000 + n, timestamptz '2026-11-23 01:00Z' - n % 1000 * interval '1 day', 1, 'officer', 'issue.signed', 'issue:NJ-2026-' || n, '{}', 'x', 'x' FROM generate_series(1, 500000) n
