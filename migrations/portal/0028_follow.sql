-- 0028_follow.sql: anonymous issues are followed by a code that is shown once and kept
-- as a hash. No account, address or device is kept.
-- +goose Up
CREATE TABLE follow_codes (
    code_hash bytea  PRIMARY KEY,
    issue_id  bigint NOT NULL REFERENCES issues,
    CONSTRAINT follow_codes_issue_key UNIQUE (issue_id)
);

-- +goose Down
SELECT 1;
