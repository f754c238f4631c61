-- 0034_findings.sql: findings of the supervision office on promises overdue for long.
-- +goose Up
ALTER TABLE promises ADD COLUMN finding text, -- of the supervision office: upheld, not
    ADD COLUMN finding_text text NOT NULL DEFAULT '',
    ADD COLUMN found_by bigint REFERENCES accounts,
    ADD COLUMN found_at timestamptz,
    ADD CONSTRAINT promises_finding_known CHECK (finding IN ('upheld', 'not')),
    ADD CONSTRAINT promises_found CHECK ((finding IS NULL) = (found_at IS NULL) AND (finding IS NULL OR finding_text <> ''));

-- +goose Down
SELECT 1;
