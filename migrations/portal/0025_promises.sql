-- 0025_promises.sql: what was promised to which investor, by whom, until when.
-- +goose Up
CREATE TABLE promises (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref         text   NOT NULL,              -- CN-2026-007
    company_id  bigint NOT NULL REFERENCES companies,
    unit_id     bigint NOT NULL REFERENCES units, -- that has to keep it
    kind        text   NOT NULL,
    text        text   NOT NULL,
    promised_by text   NOT NULL,              -- person and post, as it was then
    promised_on date   NOT NULL,
    due_on      date   NOT NULL,
    evidence    text   NOT NULL,              -- agreement, minutes, letter
    entered_by  bigint NOT NULL REFERENCES accounts,
    entered_at  timestamptz NOT NULL,
    state       text   NOT NULL,
    upheld_by   bigint REFERENCES accounts,   -- an office found that it was promised
    upheld_at   timestamptz,
    ruling      text   NOT NULL DEFAULT '',
    report      text   NOT NULL DEFAULT '',   -- how the unit says it was kept
    reported_at timestamptz,
    verdict     text   NOT NULL DEFAULT '',   -- what the investor says to that
    fulfilled_at timestamptz,                 -- the investor confirmed
    idem        text   NOT NULL,
    grams       tsvector GENERATED ALWAYS AS (bigrams(text)) STORED,
    CONSTRAINT promises_ref_key UNIQUE (ref),
    CONSTRAINT promises_idem_key UNIQUE (idem),
    CONSTRAINT promises_kind_known CHECK (kind IN ('policy', 'land', 'subsidy', 'date', 'other')),
    CONSTRAINT promises_state_known CHECK (state IN ('claimed', 'rejected', 'open', 'reported', 'fulfilled')),
    CONSTRAINT promises_upheld CHECK (state IN ('claimed', 'rejected') OR upheld_at IS NOT NULL),
    CONSTRAINT promises_confirmed CHECK ((state = 'fulfilled') = (fulfilled_at IS NOT NULL)),
    CONSTRAINT promises_order CHECK (due_on >= promised_on)
);
CREATE INDEX promises_company ON promises (company_id, due_on);
CREATE INDEX promises_unit ON promises (unit_id, due_on);
CREATE INDEX promises_grams ON promises USING gin (grams);

-- +goose Down
SELECT 1;
