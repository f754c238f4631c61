-- 0038_sheet_ways.sql: sheets by telephone and on paper, sheets changed within a day, unlawful demands, false records (rule D6).
-- +goose Up

-- The call in which a clerk wrote down a sheet for a company.
CREATE TABLE sheet_calls (
    sheet_id  bigint PRIMARY KEY REFERENCES sheets,
    number    text   NOT NULL,
    person    text   NOT NULL,                 -- who spoke for the company
    called_at timestamptz NOT NULL,
    clerk     bigint NOT NULL REFERENCES accounts,
    CONSTRAINT sheet_calls_said CHECK (number <> '' AND person <> '')
);

-- A paper sheet is typed in by two people; where they read differently, somebody looks once more.
CREATE TABLE sheet_papers (
    visit_id   bigint PRIMARY KEY REFERENCES visits,
    first      jsonb  NOT NULL,
    first_by   bigint NOT NULL REFERENCES accounts,
    first_at   timestamptz NOT NULL,
    second     jsonb,                          -- kept when it differs
    second_by  bigint REFERENCES accounts,
    second_at  timestamptz,
    settled_by bigint REFERENCES accounts,
    sheet_id   bigint REFERENCES sheets,       -- once both agree
    CONSTRAINT sheet_papers_two_people CHECK (second_by IS DISTINCT FROM first_by),
    CONSTRAINT sheet_papers_second CHECK ((second IS NULL) = (second_by IS NULL)),
    CONSTRAINT sheet_papers_settled CHECK (settled_by IS NULL OR second_by IS NOT NULL)
);

-- What a sheet said before its company changed it.
CREATE TABLE sheet_versions (
    sheet_id    bigint  NOT NULL REFERENCES sheets,
    version     integer NOT NULL,
    doc         jsonb   NOT NULL,
    replaced_at timestamptz NOT NULL,
    replaced_by bigint REFERENCES accounts,    -- null: by link
    idem        text    NOT NULL,
    PRIMARY KEY (sheet_id, version),
    CONSTRAINT sheet_versions_idem_key UNIQUE (idem)
);

-- What was asked without legal basis: for the supervision office alone.
CREATE TABLE sheet_demands (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sheet_id   bigint NOT NULL REFERENCES sheets,
    arrived_at timestamptz NOT NULL,
    state      text   NOT NULL DEFAULT 'new',
    text       text   NOT NULL DEFAULT '',     -- what the office did and found
    handled_by bigint REFERENCES accounts,
    handled_at timestamptz,
    CONSTRAINT sheet_demands_one UNIQUE (sheet_id),
    CONSTRAINT sheet_demands_state_known CHECK (state IN ('new', 'handling', 'confirmed', 'not_confirmed', 'cannot_tell')),
    CONSTRAINT sheet_demands_handled CHECK ((state = 'new') = (handled_at IS NULL)),
    CONSTRAINT sheet_demands_closed CHECK (state IN ('new', 'handling') OR text <> '')
);
INSERT INTO sheet_demands (sheet_id, arrived_at) SELECT id, filed_at FROM sheets WHERE demand = 'yes';

-- False records of visits, and sheets written by the unit (rule D6).
ALTER TABLE sheets ADD COLUMN voided_at timestamptz, -- found to be written by the unit: counts for nothing
    ADD COLUMN voided_score text;                    -- what it counted before

CREATE TABLE false_records (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref        text   NOT NULL,                -- XJ-2026-001
    kind       text   NOT NULL,                -- visit: it was not made so; sheet: the unit wrote it
    visit_id   bigint NOT NULL REFERENCES visits,
    evidence   text   NOT NULL,                -- as the unit reads it
    opened_by  bigint NOT NULL REFERENCES accounts,
    opened_at  timestamptz NOT NULL,
    calendar_version bigint NOT NULL REFERENCES calendar_versions,
    reply_due_on date NOT NULL,
    reply      text   NOT NULL DEFAULT '',
    replied_by bigint REFERENCES accounts,
    replied_at timestamptz,
    finding    text,
    finding_text text NOT NULL DEFAULT '',
    found_by   bigint REFERENCES accounts,
    found_at   timestamptz,
    idem       text   NOT NULL,
    CONSTRAINT false_records_ref_key UNIQUE (ref),
    CONSTRAINT false_records_idem_key UNIQUE (idem),
    CONSTRAINT false_records_once UNIQUE (visit_id, kind),
    CONSTRAINT false_records_kind_known CHECK (kind IN ('visit', 'sheet')),
    CONSTRAINT false_records_finding_known CHECK (finding IN ('upheld', 'not')),
    CONSTRAINT false_records_found CHECK ((finding IS NULL) = (found_at IS NULL) AND (finding IS NULL OR finding_text <> '')),
    CONSTRAINT false_records_replied CHECK ((reply = '') = (replied_at IS NULL))
);

-- +goose Down
SELECT 1;
