-- 0042_waits.sql: what waits for each reader is counted on every page; the counts read these
-- indexes alone, however much lies behind them.
-- +goose Up
CREATE INDEX issues_waits ON issues (state) WHERE state IN ('raised', 'disputed', 'result_ready', 'queued');
CREATE INDEX issues_chamber_waits ON issues (id) WHERE origin = 'chamber' AND state = 'answered';
CREATE INDEX sheet_receipts_waits ON sheet_receipts (office) WHERE received_at IS NULL AND removed_at IS NULL;

-- +goose Down
SELECT 1;
