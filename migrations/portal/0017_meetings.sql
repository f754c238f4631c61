-- 0017_meetings.sql: meetings of the leading group, their decisions and packs, invitations, bulletins.
-- +goose Up

-- Terms the county may change; one row.
CREATE TABLE meeting_rules (
    quarterly_days   integer NOT NULL DEFAULT 10, -- working days after the end of a quarter for its analysis meeting
    executive_months integer NOT NULL DEFAULT 6,  -- between two reports on a key project to the executive meeting
    invite_months    integer NOT NULL DEFAULT 12, -- within which every company is invited once
    small_cell       integer NOT NULL DEFAULT 5,  -- companies a published figure must stand for
    only_row         boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO meeting_rules DEFAULT VALUES;

CREATE TABLE meetings (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text    NOT NULL,
    title      text    NOT NULL,
    project_id bigint  REFERENCES projects,
    year       integer NOT NULL,
    quarter    smallint NOT NULL,             -- which it is about (quarterly), else in which it is held
    place      text    NOT NULL,
    convener   bigint  NOT NULL REFERENCES accounts,
    planned_on date    NOT NULL,
    due_on     date,                          -- of a quarterly meeting
    calendar_version bigint REFERENCES calendar_versions,
    held_on    date,
    state      text    NOT NULL,
    report     text    NOT NULL DEFAULT '',   -- to the executive meeting, on a key project
    minutes_no text,
    minutes    text    NOT NULL DEFAULT '',
    called_by  bigint  REFERENCES accounts,
    called_at  timestamptz NOT NULL,
    issued_at  timestamptz,
    followed_at timestamptz,                  -- all decisions accepted
    closed_at  timestamptz,
    idem       text    NOT NULL,
    CONSTRAINT meetings_idem_key UNIQUE (idem),
    CONSTRAINT meetings_minutes_no_key UNIQUE (minutes_no),
    CONSTRAINT meetings_kind_known CHECK (kind IN ('coordination', 'onsite', 'quarterly', 'dialogue', 'executive')),
    CONSTRAINT meetings_state_known CHECK (state IN ('called', 'held', 'issued', 'followed', 'closed')),
    CONSTRAINT meetings_quarter CHECK (quarter BETWEEN 1 AND 4),
    CONSTRAINT meetings_project CHECK ((kind IN ('coordination', 'onsite', 'executive')) = (project_id IS NOT NULL)),
    CONSTRAINT meetings_held CHECK ((state = 'called') = (held_on IS NULL)),
    CONSTRAINT meetings_minutes CHECK (state IN ('called', 'held') OR (minutes_no IS NOT NULL AND minutes <> ''))
);
CREATE UNIQUE INDEX meetings_one_a_quarter ON meetings (year, quarter) WHERE kind = 'quarterly';
CREATE INDEX meetings_project_held ON meetings (project_id, held_on);

CREATE TABLE meeting_units (
    meeting_id bigint NOT NULL REFERENCES meetings,
    unit_id    bigint NOT NULL REFERENCES units,
    PRIMARY KEY (meeting_id, unit_id)
);

-- what was on the table: a topic; an opinion, a suggestion or a problem of a company
CREATE TABLE meeting_items (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id bigint NOT NULL REFERENCES meetings,
    kind       text   NOT NULL,
    company_id bigint REFERENCES companies,
    body       text   NOT NULL,
    reply      text   NOT NULL DEFAULT '',    -- to an opinion or suggestion; of a problem why it became no issue; of a topic what came of it
    replied_at timestamptz,
    issue_ref  text   REFERENCES issues (ref),
    added_by   bigint REFERENCES accounts,
    added_at   timestamptz NOT NULL,
    idem       text   NOT NULL,
    CONSTRAINT meeting_items_idem_key UNIQUE (idem),
    CONSTRAINT meeting_items_kind_known CHECK (kind IN ('topic', 'opinion', 'suggestion', 'problem')),
    CONSTRAINT meeting_items_company CHECK (kind = 'topic' OR company_id IS NOT NULL),
    CONSTRAINT meeting_items_issue CHECK (issue_ref IS NULL OR kind = 'problem')
);
CREATE INDEX meeting_items_meeting ON meeting_items (meeting_id);
CREATE INDEX meeting_items_company ON meeting_items (company_id);

-- a decision (决定事项); none is issued without the unit in the lead and a date
CREATE TABLE decisions (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no          text,
    meeting_id  bigint NOT NULL REFERENCES meetings,
    item_id     bigint REFERENCES meeting_items,
    text        text   NOT NULL,
    lead_unit_id bigint REFERENCES units,
    due_on      date,
    deadline    timestamptz,
    calendar_version bigint REFERENCES calendar_versions,
    issue_ref   text   REFERENCES issues (ref),
    state       text   NOT NULL DEFAULT 'draft',
    issued_at   timestamptz,
    reported_at timestamptz,
    accepted_at timestamptz,
    accepted_by bigint REFERENCES accounts,
    drafted_at  timestamptz NOT NULL,
    idem        text   NOT NULL,
    CONSTRAINT decisions_no_key UNIQUE (no),
    CONSTRAINT decisions_idem_key UNIQUE (idem),
    CONSTRAINT decisions_state_known CHECK (state IN ('draft', 'issued', 'reported', 'accepted')),
    CONSTRAINT decisions_issued_whole CHECK (state = 'draft' OR (no IS NOT NULL AND lead_unit_id IS NOT NULL AND due_on IS NOT NULL AND deadline IS NOT NULL)),
    CONSTRAINT decisions_accepted CHECK ((state = 'accepted') = (accepted_at IS NOT NULL))
);
CREATE INDEX decisions_meeting ON decisions (meeting_id);
CREATE INDEX decisions_lead ON decisions (lead_unit_id, state);
CREATE TABLE decision_units (
    decision_id bigint NOT NULL REFERENCES decisions ON DELETE CASCADE,
    unit_id     bigint NOT NULL REFERENCES units,
    PRIMARY KEY (decision_id, unit_id)
);
CREATE TABLE decision_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    decision_id bigint NOT NULL REFERENCES decisions,
    at          timestamptz NOT NULL,
    actor       bigint NOT NULL REFERENCES accounts,
    unit_id     bigint REFERENCES units,
    kind        text   NOT NULL,
    body        text   NOT NULL DEFAULT '',
    idem        text   NOT NULL,
    CONSTRAINT decision_events_idem_key UNIQUE (idem),
    CONSTRAINT decision_events_kind_known CHECK (kind IN ('issue', 'report', 'return', 'accept'))
);
CREATE INDEX decision_events_decision ON decision_events (decision_id, id);

CREATE TABLE invitations (
    meeting_id  bigint NOT NULL REFERENCES meetings,
    company_id  bigint NOT NULL REFERENCES companies,
    invited_at  timestamptz NOT NULL,
    invited_by  bigint REFERENCES accounts,
    answer      text,                         -- null: not answered
    note        text   NOT NULL DEFAULT '',
    answered_at timestamptz,
    PRIMARY KEY (meeting_id, company_id),
    CONSTRAINT invitations_answer_known CHECK (answer IN ('yes', 'no'))
);
CREATE INDEX invitations_company ON invitations (company_id, invited_at);

-- the pack of a meeting, as it was made: the facts are kept byte by byte
CREATE TABLE meeting_packs (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id bigint  NOT NULL REFERENCES meetings,
    no         integer NOT NULL,
    sections   text[]  NOT NULL,
    facts      bytea   NOT NULL,
    sha256     bytea   NOT NULL,
    as_of      timestamptz NOT NULL,
    made_by    bigint  REFERENCES accounts,
    idem       text    NOT NULL,
    CONSTRAINT meeting_packs_no_key UNIQUE (meeting_id, no),
    CONSTRAINT meeting_packs_idem_key UNIQUE (idem)
);

CREATE TABLE bulletins (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no           text,                        -- TB-2026-003, drawn when it is published
    title        text   NOT NULL,
    body         text   NOT NULL,
    year         integer NOT NULL,
    quarter      smallint NOT NULL,
    audience     text   NOT NULL,
    figures      jsonb  NOT NULL DEFAULT '[]', -- as published: those about too few companies withheld
    corrects     bigint REFERENCES bulletins,
    state        text   NOT NULL,
    version      integer NOT NULL DEFAULT 1,
    drafted_by   bigint REFERENCES accounts,
    drafted_at   timestamptz NOT NULL,
    approved_by  bigint REFERENCES accounts,
    approved_at  timestamptz,
    published_by bigint REFERENCES accounts,
    published_at timestamptz,
    idem         text   NOT NULL,
    CONSTRAINT bulletins_no_key UNIQUE (no),
    CONSTRAINT bulletins_idem_key UNIQUE (idem),
    CONSTRAINT bulletins_corrected_once UNIQUE (corrects),
    CONSTRAINT bulletins_audience_known CHECK (audience IN ('units', 'investors', 'public')),
    CONSTRAINT bulletins_state_known CHECK (state IN ('draft', 'approved', 'published')),
    CONSTRAINT bulletins_quarter CHECK (quarter BETWEEN 1 AND 4),
    CONSTRAINT bulletins_approved CHECK ((state = 'draft') = (approved_at IS NULL)),
    CONSTRAINT bulletins_published CHECK ((state = 'published') = (published_at IS NOT NULL) AND (state = 'published') = (no IS NOT NULL))
);
-- +goose StatementBegin
CREATE FUNCTION bulletin_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published bulletin cannot be changed' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER bulletins_stay BEFORE UPDATE OR DELETE ON bulletins
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION bulletin_stays();

-- +goose Down
SELECT 1;
