-- 0024_suggestions.sql: suggestions of companies and what became of them.
-- +goose Up
CREATE TABLE suggestions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref        text    NOT NULL,              -- JY-2026-014
    company_id bigint  NOT NULL REFERENCES companies,
    made_by    bigint  NOT NULL REFERENCES accounts,
    made_at    timestamptz NOT NULL,
    title      text    NOT NULL,
    body       text    NOT NULL,
    lang       text    NOT NULL,
    named      boolean NOT NULL,              -- the unit may learn who made it
    unit_id    bigint  REFERENCES units,      -- null: the offices'
    reply      text,
    reason     text    NOT NULL DEFAULT '',
    replied_by bigint  REFERENCES accounts,
    replied_unit bigint REFERENCES units,     -- null: the office replied
    replied_at timestamptz,
    idem       text    NOT NULL,
    grams      tsvector GENERATED ALWAYS AS (bigrams(title || ' ' || body)) STORED,
    CONSTRAINT suggestions_ref_key UNIQUE (ref),
    CONSTRAINT suggestions_idem_key UNIQUE (idem),
    CONSTRAINT suggestions_reply_known CHECK (reply IN ('adopted', 'partly', 'not')),
    CONSTRAINT suggestions_reply_whole CHECK ((reply IS NULL) = (replied_at IS NULL) AND (reply IS NULL OR (reason <> '' AND replied_by IS NOT NULL)))
);
CREATE INDEX suggestions_company ON suggestions (company_id);
CREATE INDEX suggestions_unit ON suggestions (unit_id, reply);
CREATE INDEX suggestions_grams ON suggestions USING gin (grams);

-- +goose Down
SELECT 1;
