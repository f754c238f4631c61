-- 0041_follow.sql: anonymous issues and translations. Anonymous issues are followed by a code that is shown once and kept
-- as a hash. No account, address or device is kept.
-- +goose Up
CREATE TABLE follow_codes (
    code_hash bytea  PRIMARY KEY,
    issue_id  bigint NOT NULL REFERENCES issues,
    CONSTRAINT follow_codes_issue_key UNIQUE (issue_id)
);

-- translations stand beside the original, which stays as it is
CREATE TABLE issue_translations (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issue_id   bigint NOT NULL REFERENCES issues,
    event_id   bigint REFERENCES issue_events, -- null: of the issue's own title and text
    lang       text   NOT NULL,
    title      text   NOT NULL DEFAULT '',
    body       text   NOT NULL,
    translator bigint NOT NULL REFERENCES accounts,
    at         timestamptz NOT NULL,
    idem       text   NOT NULL,
    CONSTRAINT issue_translations_idem_key UNIQUE (idem),
    CONSTRAINT issue_translations_lang_known CHECK (lang IN ('zh-CN', 'en', 'ru')),
    CONSTRAINT issue_translations_titled CHECK ((event_id IS NULL) = (title <> ''))
);
CREATE INDEX issue_translations_issue ON issue_translations (issue_id, id);

-- +goose Down
SELECT 1;
