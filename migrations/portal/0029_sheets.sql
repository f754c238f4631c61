-- 0029_sheets.sql: what follows a sheet: rectification with a clock, general notices to units.
-- +goose Up

ALTER TABLE sheets ADD COLUMN overall text, -- level of the whole visit; items not rated apart follow it
    ADD COLUMN named boolean NOT NULL DEFAULT false, -- the unit may learn that the sheet is of this visit
    DROP CONSTRAINT sheets_area_known, DROP CONSTRAINT sheets_solved_known,
    ADD CONSTRAINT sheets_area_known CHECK (area IN ('advice', 'registration', 'inspection', 'later', 'other', 'unsaid')),
    ADD CONSTRAINT sheets_solved_known CHECK (solved IN ('yes', 'partly', 'no', 'unsaid')),
    ADD CONSTRAINT sheets_overall_known CHECK (overall IN ('vs', 's', 'b', 'd', 'vd'));

ALTER TABLE visits ADD COLUMN remind_at timestamptz; -- when the company is to be reminded of the sheet
CREATE INDEX visits_remind ON visits (remind_at) WHERE remind_at IS NOT NULL;

-- A general notice tells a unit that its service is to be put right, and no more: no company,
-- no date, no words; on the first working day of a month, over the sheets of five companies at least.
CREATE TABLE rectification_notices (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref         text   NOT NULL,               -- TZ-2026-003
    unit_id     bigint NOT NULL REFERENCES units,
    month       date   NOT NULL,               -- first day of the month it went in
    items       text[] NOT NULL,               -- items on which two companies or more were dissatisfied
    sent_at     timestamptz NOT NULL,
    calendar_version bigint NOT NULL REFERENCES calendar_versions,
    due_on      date   NOT NULL,
    state       text   NOT NULL DEFAULT 'sent',
    measures    text   NOT NULL DEFAULT '',    -- of the unit
    reported_by bigint REFERENCES accounts,
    reported_at timestamptz,
    returned    text   NOT NULL DEFAULT '',    -- why the office sent the measures back, once
    accepted_by bigint REFERENCES accounts,
    accepted_at timestamptz,
    remind_at   timestamptz,
    CONSTRAINT rectification_notices_ref_key UNIQUE (ref),
    CONSTRAINT rectification_notices_one UNIQUE (unit_id, month),
    CONSTRAINT rectification_notices_state_known CHECK (state IN ('sent', 'reported', 'accepted')),
    CONSTRAINT rectification_notices_reported CHECK (state = 'sent' OR measures <> ''),
    CONSTRAINT rectification_notices_accepted CHECK ((state = 'accepted') = (accepted_at IS NOT NULL))
);

CREATE TABLE rectifications (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref         text   NOT NULL,               -- ZG-2026-0012
    sheet_id    bigint NOT NULL REFERENCES sheets,
    opened_at   timestamptz NOT NULL,
    calendar_version bigint NOT NULL REFERENCES calendar_versions,
    answer_on   date   NOT NULL,               -- the company is answered by then
    due_on      date   NOT NULL,               -- put right by then
    state       text   NOT NULL DEFAULT 'open',
    round       integer NOT NULL DEFAULT 1,    -- 2: sent back after a call-back
    answered_at timestamptz,                   -- first answer to the company
    handed_at   timestamptz,                   -- to the unit, by name
    notice_id   bigint REFERENCES rectification_notices, -- the general notice it went into
    verdict     text,                          -- of the last call-back
    closed_at   timestamptz,
    issue_id    bigint REFERENCES issues,      -- what the company made of it
    remind_at   timestamptz,                   -- when the clock has to look again; null: nothing to remind of
    CONSTRAINT rectifications_ref_key UNIQUE (ref),
    CONSTRAINT rectifications_one UNIQUE (sheet_id),
    CONSTRAINT rectifications_state_known CHECK (state IN ('open', 'handed', 'reported', 'closed', 'unsolved', 'issue', 'dropped')),
    CONSTRAINT rectifications_round CHECK (round IN (1, 2)),
    CONSTRAINT rectifications_verdict_known CHECK (verdict IN ('satisfied', 'partly', 'not')),
    CONSTRAINT rectifications_closed CHECK ((state IN ('closed', 'unsolved', 'issue', 'dropped')) = (closed_at IS NOT NULL)),
    CONSTRAINT rectifications_issue CHECK ((state = 'issue') = (issue_id IS NOT NULL)),
    CONSTRAINT rectifications_handed CHECK (state <> 'handed' OR handed_at IS NOT NULL)
);
CREATE INDEX rectifications_open ON rectifications (due_on) WHERE closed_at IS NULL;
CREATE INDEX rectifications_clock ON rectifications (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX rectifications_notice ON rectifications (notice_id);

CREATE TABLE rectification_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rectification_id bigint NOT NULL REFERENCES rectifications,
    kind        text   NOT NULL,
    at          timestamptz NOT NULL,
    actor       bigint REFERENCES accounts,    -- null: the clock, or by link
    text        text   NOT NULL DEFAULT '',    -- answers to the company, measures of the unit or the office
    called_on   date,                          -- call-back: when
    person      text   NOT NULL DEFAULT '',    -- call-back: with whom
    verdict     text   NOT NULL DEFAULT '',
    idem        text   NOT NULL,
    CONSTRAINT rectification_events_idem_key UNIQUE (idem),
    CONSTRAINT rectification_events_kind_known CHECK (kind IN ('open', 'allow', 'answer', 'hand', 'report', 'own', 'notice', 'callback', 'issue', 'drop'))
);
CREATE INDEX rectification_events_of ON rectification_events (rectification_id, id);

-- +goose Down
SELECT 1;
