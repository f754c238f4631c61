-- 0022_issue_due.sql: one column that lists sort by: when the issue's present limit
-- ends, whatever limit that is.
-- +goose Up
ALTER TABLE issues ADD COLUMN due_at timestamptz; -- null: ended
UPDATE issues SET last_event = 0; -- counted anew by the clock, with this column
CREATE INDEX issues_due ON issues (due_at, id DESC) WHERE due_at IS NOT NULL;
CREATE INDEX issues_queue ON issues (deadline) WHERE state = 'queued';

-- +goose Down
SELECT 1;
