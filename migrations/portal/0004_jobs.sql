-- 0004_jobs.sql: long work. A job is a row the page can show; any process may
-- take it with SKIP LOCKED; a job whose worker died is taken again.
-- +goose Up
CREATE TABLE jobs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text   NOT NULL,
    account_id  bigint REFERENCES accounts,   -- who asked; only he and the operator see it
    idem        text   NOT NULL,
    input       bytea  NOT NULL DEFAULT '',
    params      jsonb  NOT NULL DEFAULT '{}',
    state       text   NOT NULL DEFAULT 'waiting',
    step        text   NOT NULL DEFAULT '',   -- message key of the current step
    done        integer NOT NULL DEFAULT 0,
    total       integer NOT NULL DEFAULT 0,
    result      jsonb  NOT NULL DEFAULT '{}',
    problem     text   NOT NULL DEFAULT '',   -- message key when it failed
    attempts    integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    leased_until timestamptz,
    finished_at timestamptz,
    CONSTRAINT jobs_idem_key UNIQUE (idem),
    CONSTRAINT jobs_state_known CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled'))
);
CREATE INDEX jobs_waiting ON jobs (id) WHERE state IN ('waiting', 'running');

-- +goose Down
SELECT 1;
