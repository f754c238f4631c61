-- 0036_checks.sql: checks of units by the offices and the supervision office (S-04); a
-- finding to be rectified is followed up.
-- +goose Up
CREATE TABLE checks (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref        text   NOT NULL,              -- DC-2026-004
    unit_id    bigint NOT NULL REFERENCES units, -- that was looked at
    on_day     date   NOT NULL,
    inspectors text   NOT NULL,
    items      text   NOT NULL,              -- what was looked at
    entered_by bigint NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    idem       text   NOT NULL,
    CONSTRAINT checks_ref_key UNIQUE (ref),
    CONSTRAINT checks_idem_key UNIQUE (idem)
);
CREATE INDEX checks_unit ON checks (unit_id, on_day);
CREATE TABLE check_findings (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    check_id   bigint NOT NULL REFERENCES checks,
    text       text   NOT NULL,
    evidence   text   NOT NULL,
    rectify    boolean NOT NULL,
    due_on     date,                         -- rectified by then
    state      text   NOT NULL,              -- noted: nothing to rectify; open, reported, done
    report     text   NOT NULL DEFAULT '',   -- of the unit
    reported_at timestamptz,
    ruling     text   NOT NULL DEFAULT '',   -- what the checkers say to the report
    ended_at   timestamptz,
    entered_by bigint NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    idem       text   NOT NULL,
    CONSTRAINT check_findings_idem_key UNIQUE (idem),
    CONSTRAINT check_findings_state_known CHECK (state IN ('noted', 'open', 'reported', 'done')),
    CONSTRAINT check_findings_tracked CHECK (rectify = (due_on IS NOT NULL) AND rectify = (state <> 'noted')),
    CONSTRAINT check_findings_ended CHECK ((state = 'done') = (ended_at IS NOT NULL))
);
CREATE INDEX check_findings_check ON check_findings (check_id);

-- +goose Down
SELECT 1;
