-- +goose Up
-- Buck-passing cases, the catalogue of duties, structural items; the shield of those
-- who speak up: inspections on record, watches, silent alarms, named data on request.

-- The year's entries that rest on a finding say on which.
ALTER TABLE adjustments ADD COLUMN finding text NOT NULL DEFAULT ''; -- TW-2026-003; '' entered by hand

CREATE TABLE passing_cases (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref         text   NOT NULL,              -- TW-2026-003
    kind        text   NOT NULL,              -- loop: handed round; refusal: of the arbitrated unit; obstacle: obstacle or arbitrary fee
    issue_id    bigint NOT NULL REFERENCES issues,
    anchor      bigint NOT NULL REFERENCES issue_events, -- the event the case hangs on: where the loop began, the refusal, the complaint
    opened_by   bigint REFERENCES accounts,   -- null: the clock
    opened_why  text   NOT NULL DEFAULT '',
    opened_at   timestamptz NOT NULL,
    calendar_version bigint NOT NULL REFERENCES calendar_versions,
    reply_due   timestamptz NOT NULL,
    reply_due_on date  NOT NULL,
    state       text   NOT NULL DEFAULT 'suspected',
    finding     text,                         -- upheld, not, gap
    finding_unit bigint REFERENCES units,     -- the one unit an upheld finding is attributed to
    finding_text text  NOT NULL DEFAULT '',
    found_by    bigint REFERENCES accounts,
    found_at    timestamptz,
    sanction    text,
    sanction_text text NOT NULL DEFAULT '',
    sanctioned_by bigint REFERENCES accounts,
    sanctioned_at timestamptz,
    tell_due    timestamptz,                  -- the investor is to be told by then
    tell_due_on date,
    told_by     bigint REFERENCES accounts,
    told_at     timestamptz,
    told_text   text   NOT NULL DEFAULT '',
    CONSTRAINT passing_cases_ref_key UNIQUE (ref),
    CONSTRAINT passing_cases_once UNIQUE (issue_id, kind, anchor),
    CONSTRAINT passing_cases_kind_known CHECK (kind IN ('loop', 'refusal', 'obstacle')),
    CONSTRAINT passing_cases_state_known CHECK (state IN ('suspected', 'found', 'decided', 'told')),
    CONSTRAINT passing_cases_finding_known CHECK (finding IN ('upheld', 'not', 'gap')),
    CONSTRAINT passing_cases_sanction_known CHECK (sanction IN ('none', 'talk', 'review', 'criticism', 'no_award', 'transfer')),
    CONSTRAINT passing_cases_found CHECK ((state = 'suspected') = (finding IS NULL) AND (finding IS NULL) = (found_at IS NULL)),
    CONSTRAINT passing_cases_one_unit CHECK ((finding = 'upheld') IS NOT TRUE OR finding_unit IS NOT NULL),
    CONSTRAINT passing_cases_sanction_after_upheld CHECK (sanction IS NULL OR finding = 'upheld'),
    CONSTRAINT passing_cases_told CHECK ((state = 'told') = (told_at IS NOT NULL))
);
CREATE INDEX passing_cases_open ON passing_cases (state, reply_due);
CREATE INDEX issue_events_handed ON issue_events (at) WHERE kind IN ('propose', 'refuse_named');
CREATE TABLE passing_units (
    case_id    bigint NOT NULL REFERENCES passing_cases,
    unit_id    bigint NOT NULL REFERENCES units,
    reply      text   NOT NULL DEFAULT '',
    replied_by bigint REFERENCES accounts,
    replied_at timestamptz,
    PRIMARY KEY (case_id, unit_id),
    CONSTRAINT passing_units_replied CHECK ((reply = '') = (replied_at IS NULL))
);
CREATE INDEX passing_units_unit ON passing_units (unit_id);

CREATE TABLE duties (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_id    bigint   NOT NULL REFERENCES units,
    category   smallint NOT NULL,             -- of issues, 1..17
    clause     text     NOT NULL,             -- where it is written
    text       text     NOT NULL,             -- what it says
    added_by   bigint   NOT NULL REFERENCES accounts,
    added_at   timestamptz NOT NULL,
    ended_at   timestamptz,                   -- no duty any more
    ended_by   bigint   REFERENCES accounts,
    idem       text     NOT NULL,
    CONSTRAINT duties_idem_key UNIQUE (idem),
    CONSTRAINT duties_category_known CHECK (category BETWEEN 1 AND 17),
    CONSTRAINT duties_worded CHECK (clause <> '' AND text <> '')
);
CREATE INDEX duties_unit ON duties (unit_id) WHERE ended_at IS NULL;
CREATE TABLE duty_gaps (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    low_unit   bigint   NOT NULL REFERENCES units, -- the pair, the smaller number first
    high_unit  bigint   NOT NULL REFERENCES units,
    category   smallint NOT NULL,
    issues     text[]   NOT NULL,             -- whose histories show it
    case_ref   text     NOT NULL DEFAULT '',  -- a finding of a gap in duties, where one stands behind it
    found_at   timestamptz NOT NULL,
    state      text     NOT NULL DEFAULT 'open',
    duty_id    bigint   REFERENCES duties,    -- the clause that closed it
    decision   text     NOT NULL DEFAULT '',
    decided_by bigint   REFERENCES accounts,
    decided_at timestamptz,
    CONSTRAINT duty_gaps_pair CHECK (low_unit < high_unit),
    CONSTRAINT duty_gaps_state_known CHECK (state IN ('open', 'adopted', 'dismissed')),
    CONSTRAINT duty_gaps_decided CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX duty_gaps_one_open ON duty_gaps (low_unit, high_unit, category) WHERE state = 'open';

CREATE TABLE barriers (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref        text     NOT NULL,             -- JG-2026-002
    title      text     NOT NULL,
    category   smallint NOT NULL,
    unit_id    bigint   NOT NULL REFERENCES units, -- the owner
    goal       text     NOT NULL,             -- by what one will see that it is gone
    due_on     date     NOT NULL,
    state      text     NOT NULL DEFAULT 'open',
    opened_by  bigint   NOT NULL REFERENCES accounts,
    opened_at  timestamptz NOT NULL,
    closed_by  bigint   REFERENCES accounts,
    closed_at  timestamptz,
    closing    text     NOT NULL DEFAULT '',
    idem       text     NOT NULL,
    CONSTRAINT barriers_ref_key UNIQUE (ref),
    CONSTRAINT barriers_idem_key UNIQUE (idem),
    CONSTRAINT barriers_state_known CHECK (state IN ('open', 'reported', 'closed')),
    CONSTRAINT barriers_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL OR closing <> ''))
);
CREATE TABLE barrier_issues (
    barrier_id bigint NOT NULL REFERENCES barriers,
    issue_id   bigint NOT NULL REFERENCES issues,
    added_at   timestamptz NOT NULL,
    PRIMARY KEY (issue_id)                    -- an issue shows one barrier
);
CREATE INDEX barrier_issues_barrier ON barrier_issues (barrier_id);
CREATE TABLE barrier_steps (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    barrier_id bigint NOT NULL REFERENCES barriers,
    kind       text   NOT NULL,               -- measure, report, return, close
    text       text   NOT NULL,
    by_account bigint NOT NULL REFERENCES accounts,
    at         timestamptz NOT NULL,
    idem       text   NOT NULL,
    CONSTRAINT barrier_steps_idem_key UNIQUE (idem),
    CONSTRAINT barrier_steps_kind_known CHECK (kind IN ('measure', 'report', 'return', 'close'))
);

-- What units did at companies. A plan counts as of the moment it was entered here.
CREATE TABLE inspection_plans (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no         text   NOT NULL,               -- JC-2026-0012
    unit_id    bigint NOT NULL REFERENCES units,
    company_id bigint NOT NULL REFERENCES companies,
    from_on    date   NOT NULL,
    until_on   date   NOT NULL,
    subject    text   NOT NULL,
    entered_by bigint NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    idem       text   NOT NULL,
    CONSTRAINT inspection_plans_no_key UNIQUE (no),
    CONSTRAINT inspection_plans_idem_key UNIQUE (idem),
    CONSTRAINT inspection_plans_order CHECK (from_on <= until_on)
);
CREATE INDEX inspection_plans_unit ON inspection_plans (unit_id);
CREATE TABLE inspections (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_id    bigint NOT NULL REFERENCES units,
    company_id bigint NOT NULL REFERENCES companies,
    kind       text   NOT NULL,               -- inspection, fine, contact
    on_day     date   NOT NULL,
    plan_id    bigint REFERENCES inspection_plans,
    basis      text   NOT NULL,               -- legal basis
    no_plan_why text  NOT NULL DEFAULT '',    -- an inspection without a plan says why
    amount     numeric(14, 2),                -- of a fine, yuan
    entered_by bigint NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    idem       text   NOT NULL,
    CONSTRAINT inspections_idem_key UNIQUE (idem),
    CONSTRAINT inspections_kind_known CHECK (kind IN ('inspection', 'fine', 'contact')),
    CONSTRAINT inspections_plan_or_why CHECK (kind <> 'inspection' OR plan_id IS NOT NULL OR no_plan_why <> ''),
    CONSTRAINT inspections_amount CHECK ((kind = 'fine') = (amount IS NOT NULL) AND (amount IS NULL OR amount > 0))
);
CREATE INDEX inspections_company ON inspections (company_id, on_day);
CREATE INDEX inspections_unit ON inspections (unit_id, on_day);

-- What follows is for the supervision office alone.
CREATE TABLE shield_watches (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES companies,
    act        text   NOT NULL,               -- upheld, sheet, refused, ballot
    act_ref    text   NOT NULL,
    act_on     date   NOT NULL,
    counts     json   NOT NULL,               -- the counts the test saw
    flagged_at timestamptz NOT NULL,
    state      text   NOT NULL DEFAULT 'open',
    unit_id    bigint REFERENCES units,       -- proven: which unit
    decision   text   NOT NULL DEFAULT '',
    heard      text   NOT NULL DEFAULT '',    -- how the unit was heard
    decided_by bigint REFERENCES accounts,
    decided_at timestamptz,
    CONSTRAINT shield_watches_once UNIQUE (company_id, act, act_ref),
    CONSTRAINT shield_watches_act_known CHECK (act IN ('upheld', 'sheet', 'refused', 'ballot', 'alarm')),
    CONSTRAINT shield_watches_state_known CHECK (state IN ('open', 'proven', 'dismissed')),
    CONSTRAINT shield_watches_decided CHECK ((state = 'open') = (decided_at IS NULL)),
    CONSTRAINT shield_watches_proven CHECK (state <> 'proven' OR (unit_id IS NOT NULL AND heard <> ''))
);
CREATE TABLE alarm_codes (
    code_hash  bytea PRIMARY KEY,             -- SHA-256 of 100 random bits
    company_id bigint NOT NULL REFERENCES companies,
    made_on    date   NOT NULL,
    ended_on   date
);
CREATE UNIQUE INDEX alarm_codes_one ON alarm_codes (company_id) WHERE ended_on IS NULL;
CREATE TABLE alarms (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no         text   NOT NULL,               -- JB-2026-004
    company_id bigint NOT NULL REFERENCES companies,
    unit_id    bigint REFERENCES units,       -- whom the company suspects; null: does not say
    text       text   NOT NULL,
    channel    text   NOT NULL,               -- code, account
    raised_at  timestamptz NOT NULL,
    state      text   NOT NULL DEFAULT 'new',
    proven_unit bigint REFERENCES units,
    decision   text   NOT NULL DEFAULT '',
    heard      text   NOT NULL DEFAULT '',
    decided_by bigint REFERENCES accounts,
    decided_at timestamptz,
    idem       text   NOT NULL,
    CONSTRAINT alarms_no_key UNIQUE (no),
    CONSTRAINT alarms_idem_key UNIQUE (idem),
    CONSTRAINT alarms_channel_known CHECK (channel IN ('code', 'account')),
    CONSTRAINT alarms_state_known CHECK (state IN ('new', 'handling', 'proven', 'dismissed')),
    CONSTRAINT alarms_decided CHECK ((state IN ('proven', 'dismissed')) = (decided_at IS NOT NULL)),
    CONSTRAINT alarms_proven CHECK (state <> 'proven' OR (proven_unit IS NOT NULL AND heard <> ''))
);
CREATE TABLE alarm_notes (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alarm_id bigint NOT NULL REFERENCES alarms,
    text     text   NOT NULL,
    by_account bigint NOT NULL REFERENCES accounts,
    at       timestamptz NOT NULL,
    idem     text   NOT NULL,
    CONSTRAINT alarm_notes_idem_key UNIQUE (idem)
);

-- Named data of an issue on request, for an hour.
CREATE TABLE glass_requests (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_by   bigint NOT NULL REFERENCES accounts,
    body_id    bigint NOT NULL REFERENCES bodies, -- of the asker
    purpose    text   NOT NULL,
    reason     text   NOT NULL,
    case_no    text   NOT NULL,
    asked_at   timestamptz NOT NULL,
    state      text   NOT NULL DEFAULT 'asked',
    decided_by bigint REFERENCES accounts,
    decided_at timestamptz,
    refusal    text   NOT NULL DEFAULT '',
    until_at   timestamptz,                   -- end of the hour
    tell_on    date,                          -- the companies are told then
    deferred_why text NOT NULL DEFAULT '',
    told_at    timestamptz,
    idem       text   NOT NULL,
    CONSTRAINT glass_requests_idem_key UNIQUE (idem),
    CONSTRAINT glass_requests_purpose_known CHECK (purpose IN ('order', 'meeting', 'inquiry', 'appeal', 'danger')),
    CONSTRAINT glass_requests_state_known CHECK (state IN ('asked', 'granted', 'refused')),
    CONSTRAINT glass_requests_two_people CHECK (decided_by IS DISTINCT FROM asked_by),
    CONSTRAINT glass_requests_decided CHECK ((state = 'asked') = (decided_at IS NULL) AND (state = 'granted') = (until_at IS NOT NULL) AND (state <> 'refused' OR refusal <> ''))
);
CREATE TABLE glass_objects (
    request_id bigint NOT NULL REFERENCES glass_requests,
    issue_id   bigint NOT NULL REFERENCES issues,
    PRIMARY KEY (request_id, issue_id)
);
CREATE TABLE glass_views (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id bigint NOT NULL REFERENCES glass_requests,
    issue_id   bigint NOT NULL REFERENCES issues,
    account_id bigint NOT NULL REFERENCES accounts,
    at         timestamptz NOT NULL
);

-- +goose Down
SELECT 1;
