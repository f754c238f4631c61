-- 0005_feedback.sql: visits, service-feedback sheets, issues and orders.
-- +goose Up

-- A visit of a unit to a company in a quarter. due: it stands in the plan and counts as owed.
CREATE TABLE visits (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_id     bigint   NOT NULL REFERENCES units,
    company_id  bigint   NOT NULL REFERENCES companies,
    year        integer  NOT NULL,
    quarter     smallint NOT NULL,
    due         boolean  NOT NULL,            -- from the plan
    visited_on  date,                         -- null: planned, not yet made
    staff       text     NOT NULL DEFAULT '',
    purpose     text     NOT NULL DEFAULT '',
    matters     text     NOT NULL DEFAULT '',
    token_hash  bytea,                        -- SHA-256 of the link's token; set when the sheet is requested
    token_sealed bytea,                       -- the token under the portal's key, so that company and offices can show the link again
    requested_at timestamptz,
    link_until  timestamptz,
    idem        text     NOT NULL,
    recorded_by bigint   REFERENCES accounts,
    recorded_at timestamptz,
    CONSTRAINT visits_idem_key UNIQUE (idem),
    CONSTRAINT visits_token_key UNIQUE (token_hash),
    CONSTRAINT visits_quarter CHECK (quarter BETWEEN 1 AND 4),
    CONSTRAINT visits_requested CHECK ((token_hash IS NULL) = (requested_at IS NULL)),
    CONSTRAINT visits_made_first CHECK (requested_at IS NULL OR visited_on IS NOT NULL)
);
CREATE UNIQUE INDEX visits_one_due ON visits (unit_id, company_id, year, quarter) WHERE due;
CREATE INDEX visits_company ON visits (company_id, year);
CREATE INDEX visits_unit ON visits (unit_id, year, quarter);

CREATE TABLE sheets (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no          text     NOT NULL,            -- FK-2026-000123
    visit_id    bigint   NOT NULL REFERENCES visits,
    area        text     NOT NULL,            -- service area
    matters     text     NOT NULL DEFAULT '',
    q1          text, q2 text, q3 text, q4 text, -- level codes; null: not answered
    demand      text     NOT NULL,            -- asked for anything without legal basis
    demand_text text     NOT NULL DEFAULT '', -- for the supervision office alone
    solved      text     NOT NULL,
    opinion     text     NOT NULL DEFAULT '',
    suggestion  text     NOT NULL DEFAULT '',
    wants_reply boolean  NOT NULL,
    release     text     NOT NULL,            -- may the text be shown to the unit
    lang        text     NOT NULL,
    filled_by   text     NOT NULL DEFAULT '',
    channel     text     NOT NULL,
    filed_by    bigint   REFERENCES accounts, -- null when filed by link
    filed_at    timestamptz NOT NULL,
    score       text,                         -- exact, "num/den"; null: not valid, counts for nothing
    idem        text     NOT NULL,
    CONSTRAINT sheets_no_key UNIQUE (no),
    CONSTRAINT sheets_one_per_visit UNIQUE (visit_id),
    CONSTRAINT sheets_idem_key UNIQUE (idem),
    CONSTRAINT sheets_levels CHECK (
        coalesce(q1, 's') IN ('vs','s','b','d','vd') AND coalesce(q2, 's') IN ('vs','s','b','d','vd') AND
        coalesce(q3, 's') IN ('vs','s','b','d','vd') AND coalesce(q4, 's') IN ('vs','s','b','d','vd')),
    CONSTRAINT sheets_area_known CHECK (area IN ('advice', 'registration', 'inspection', 'later', 'other')),
    CONSTRAINT sheets_demand_known CHECK (demand IN ('no', 'yes', 'unsaid')),
    CONSTRAINT sheets_solved_known CHECK (solved IN ('yes', 'partly', 'no')),
    CONSTRAINT sheets_release_known CHECK (release IN ('yes', 'summary', 'no')),
    CONSTRAINT sheets_channel_known CHECK (channel IN ('account', 'link', 'phone', 'paper')),
    CONSTRAINT sheets_score_form CHECK (score ~ '^[0-9]+/[0-9]+$')
);


-- each of the two offices has its own copy in its own inbox, with its own receipt
CREATE TABLE sheet_receipts (
    sheet_id     bigint NOT NULL REFERENCES sheets,
    office       text   NOT NULL,
    delivered_at timestamptz NOT NULL,
    received_at  timestamptz,
    received_by  bigint REFERENCES accounts,
    removed_at   timestamptz,
    PRIMARY KEY (sheet_id, office),
    CONSTRAINT sheet_receipts_office_known CHECK (office IN ('party_office', 'government_office'))
);

CREATE TABLE issues (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref           text     NOT NULL,          -- NJ-2026-0187
    company_id    bigint   NOT NULL REFERENCES companies,
    category      smallint NOT NULL,          -- 1..17
    title         text     NOT NULL,
    body          text     NOT NULL,
    wish          text     NOT NULL DEFAULT '',
    place         text     NOT NULL DEFAULT '',
    since_on      date,
    asked_unit_id bigint   REFERENCES units,  -- whom the company thinks is in charge
    name_shown    text     NOT NULL,          -- who may learn the company's name
    lang          text     NOT NULL,
    raised_by     bigint   NOT NULL REFERENCES accounts,
    raised_at     timestamptz NOT NULL,
    state         text     NOT NULL,
    grade         text,                       -- A major and difficult, B several units, C simple
    lead_unit_id  bigint   REFERENCES units,
    registered_at timestamptz,
    register_due  timestamptz NOT NULL,
    sign_due      timestamptz,
    signed_at     timestamptz,
    respond_due   timestamptz,
    responded_at  timestamptz,                -- first substantive reply
    deadline      timestamptz,                -- 24:00 Shanghai of the last working day
    deadline_on   date,
    calendar_version bigint REFERENCES calendar_versions,
    provisional   boolean  NOT NULL DEFAULT false, -- the deadline runs into a year without a published list
    answered_at   timestamptz,                -- the last answer
    refusals      smallint NOT NULL DEFAULT 0,
    queued_at     timestamptz,                -- in the leadership group's queue since
    queue_reason  text,
    result        text,                       -- what the last answer says: solved, partly, cannot
    verdict       text,                       -- what the investor says at the end
    satisfaction  text,                       -- level code
    closed_at     timestamptz,
    excluded_at   timestamptz,                -- left out of component R by the supervision office
    excluded_why  text     NOT NULL DEFAULT '',
    idem          text     NOT NULL,
    CONSTRAINT issues_ref_key UNIQUE (ref),
    CONSTRAINT issues_idem_key UNIQUE (idem),
    CONSTRAINT issues_category_known CHECK (category BETWEEN 1 AND 17),
    CONSTRAINT issues_name_shown_known CHECK (name_shown IN ('unit', 'offices', 'chamber')),
    CONSTRAINT issues_state_known CHECK (state IN ('raised', 'registered', 'in_progress', 'answered', 'queued', 'ordered', 'result_ready', 'closed', 'withdrawn')),
    CONSTRAINT issues_grade_known CHECK (grade IN ('A', 'B', 'C')),
    CONSTRAINT issues_result_known CHECK (result IN ('solved', 'partly', 'cannot')),
    CONSTRAINT issues_verdict_known CHECK (verdict IN ('solved', 'partly', 'not')),
    CONSTRAINT issues_queue_reason_known CHECK (queue_reason IN ('refused_twice', 'overdue', 'class_a')),
    CONSTRAINT issues_satisfaction_known CHECK (satisfaction IN ('vs','s','b','d','vd')),
    CONSTRAINT issues_lead_from_registration CHECK (state IN ('raised', 'withdrawn') OR (lead_unit_id IS NOT NULL AND grade IS NOT NULL AND deadline IS NOT NULL)),
    CONSTRAINT issues_closed_has_time CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT issues_excluded_has_reason CHECK (excluded_at IS NULL OR excluded_why <> '')
);
CREATE INDEX issues_company ON issues (company_id);
CREATE INDEX issues_lead ON issues (lead_unit_id, state);
CREATE INDEX issues_state ON issues (state, deadline);

-- number of issues and orders per year, locked while the next one is drawn
CREATE TABLE document_numbers (
    kind text NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (kind, year)
);

CREATE TABLE issue_events (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issue_id bigint NOT NULL REFERENCES issues,
    at       timestamptz NOT NULL,
    actor    bigint REFERENCES accounts,      -- null: the clock
    role     text   NOT NULL,                 -- shown to the investor instead of a name
    unit_id  bigint REFERENCES units,
    kind     text   NOT NULL,
    body     text   NOT NULL DEFAULT '',
    internal boolean NOT NULL DEFAULT false,  -- never shown to the company
    data     jsonb  NOT NULL DEFAULT '{}',
    idem     text   NOT NULL,
    CONSTRAINT issue_events_idem_key UNIQUE (idem)
);
CREATE INDEX issue_events_issue ON issue_events (issue_id, id);

CREATE TABLE issue_files (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issue_id bigint NOT NULL REFERENCES issues,
    event_id bigint REFERENCES issue_events,
    name     text   NOT NULL,
    type     text   NOT NULL,
    size     integer NOT NULL,
    sha256   bytea  NOT NULL,
    content  bytea  NOT NULL,
    added_by bigint REFERENCES accounts,
    added_at timestamptz NOT NULL,
    CONSTRAINT issue_files_type_known CHECK (type IN ('application/pdf', 'image/jpeg', 'image/png')),
    CONSTRAINT issue_files_size CHECK (size BETWEEN 1 AND 10485760)
);
CREATE INDEX issue_files_issue ON issue_files (issue_id);

-- 责成通知: the leadership group orders a unit to solve an issue by a date
CREATE TABLE orders (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no           text   NOT NULL,             -- ZC-2026-012
    issue_id     bigint NOT NULL REFERENCES issues,
    lead_unit_id bigint NOT NULL REFERENCES units,
    requirement  text   NOT NULL,
    deadline     timestamptz NOT NULL,
    deadline_on  date   NOT NULL,
    calendar_version bigint NOT NULL REFERENCES calendar_versions,
    provisional  boolean NOT NULL DEFAULT false,
    signed_by    bigint NOT NULL REFERENCES accounts,
    issued_at    timestamptz NOT NULL,
    received_at  timestamptz,                 -- signed for by the lead unit
    reported_at  timestamptz,                 -- last report of completion
    fed_back_at  timestamptz,                 -- result told to the investor
    feedback_due timestamptz,
    done_at      timestamptz,                 -- confirmed by the investor
    state        text   NOT NULL,
    idem         text   NOT NULL,
    CONSTRAINT orders_no_key UNIQUE (no),
    CONSTRAINT orders_idem_key UNIQUE (idem),
    CONSTRAINT orders_state_known CHECK (state IN ('issued', 'received', 'reported', 'fed_back', 'done', 'reopened'))
);
CREATE UNIQUE INDEX orders_one_open ON orders (issue_id) WHERE state NOT IN ('done', 'reopened');
CREATE TABLE order_units (
    order_id bigint NOT NULL REFERENCES orders,
    unit_id  bigint NOT NULL REFERENCES units,
    PRIMARY KEY (order_id, unit_id)
);

-- +goose Down
SELECT 1;
