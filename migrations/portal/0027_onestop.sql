-- 0027_onestop.sql: one-stop cases: several steps in several units, one lead.
-- +goose Up
CREATE TABLE onestop_cases (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref          text   NOT NULL,              -- YZ-2026-003
    company_id   bigint NOT NULL REFERENCES companies,
    area         text   NOT NULL,              -- of the service: advice, registration, inspection, later
    title        text   NOT NULL,
    note         text   NOT NULL DEFAULT '',   -- what the company wants
    state        text   NOT NULL,
    lead_unit_id bigint REFERENCES units,
    contact      text   NOT NULL DEFAULT '',   -- the one person the company deals with
    phone        text   NOT NULL DEFAULT '',
    entered_by   bigint NOT NULL REFERENCES accounts,
    entered_at   timestamptz NOT NULL,
    opened_at    timestamptz,
    ended_by     bigint REFERENCES accounts,   -- closed, or declined
    ended_at     timestamptz,
    ending       text   NOT NULL DEFAULT '',   -- the result told, or why it was declined
    idem         text   NOT NULL,
    CONSTRAINT onestop_cases_ref_key UNIQUE (ref),
    CONSTRAINT onestop_cases_idem_key UNIQUE (idem),
    CONSTRAINT onestop_cases_area_known CHECK (area IN ('advice', 'registration', 'inspection', 'later')),
    CONSTRAINT onestop_cases_state_known CHECK (state IN ('asked', 'declined', 'open', 'closed')),
    CONSTRAINT onestop_cases_one_lead CHECK ((state IN ('open', 'closed')) = (lead_unit_id IS NOT NULL AND contact <> '' AND phone <> '' AND opened_at IS NOT NULL)),
    CONSTRAINT onestop_cases_ended CHECK ((state IN ('declined', 'closed')) = (ended_at IS NOT NULL AND ending <> ''))
);
CREATE INDEX onestop_cases_company ON onestop_cases (company_id, id);
CREATE INDEX onestop_cases_lead ON onestop_cases (lead_unit_id, id);
CREATE TABLE onestop_steps (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id    bigint   NOT NULL REFERENCES onestop_cases,
    stage      smallint NOT NULL,              -- steps of one stage run at the same time; the next stage begins when they are done
    unit_id    bigint   NOT NULL REFERENCES units,
    what       text     NOT NULL,
    days       smallint NOT NULL,              -- working days from its start
    shown      boolean  NOT NULL DEFAULT false, -- the lead lets the company see the unit
    state      text     NOT NULL,
    started_at timestamptz,
    due_on     date,
    calendar_version bigint REFERENCES calendar_versions,
    ended_by   bigint   REFERENCES accounts,
    ended_at   timestamptz,
    ending     text     NOT NULL DEFAULT '',   -- what was done, or why it was dropped
    idem       text     NOT NULL,
    CONSTRAINT onestop_steps_idem_key UNIQUE (idem),
    CONSTRAINT onestop_steps_stage CHECK (stage BETWEEN 1 AND 40),
    CONSTRAINT onestop_steps_days CHECK (days BETWEEN 1 AND 60),
    CONSTRAINT onestop_steps_state_known CHECK (state IN ('waiting', 'open', 'done', 'dropped')),
    CONSTRAINT onestop_steps_started CHECK ((state = 'waiting') <= (started_at IS NULL) AND (state IN ('open', 'done')) <= (started_at IS NOT NULL)),
    CONSTRAINT onestop_steps_due CHECK ((started_at IS NULL) = (due_on IS NULL) AND (due_on IS NULL) = (calendar_version IS NULL)),
    CONSTRAINT onestop_steps_ended CHECK ((state IN ('done', 'dropped')) = (ended_at IS NOT NULL AND ending <> ''))
);
CREATE INDEX onestop_steps_case ON onestop_steps (case_id, stage);
CREATE INDEX onestop_steps_unit ON onestop_steps (unit_id, due_on) WHERE state IN ('waiting', 'open');

-- a case is closed when all its steps are, and a closed one gets no step more
-- +goose StatementBegin
CREATE FUNCTION onestop_closed_is_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM onestop_steps s WHERE s.case_id = NEW.id AND s.state IN ('waiting', 'open'))
        OR NOT EXISTS (SELECT FROM onestop_steps s WHERE s.case_id = NEW.id AND s.state = 'done') THEN
        RAISE EXCEPTION 'a case with an open step cannot be closed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION onestop_closed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM onestop_cases c WHERE c.id = NEW.case_id AND c.state = 'open' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a case that is not open has no steps' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER onestop_cases_closed_is_done BEFORE INSERT OR UPDATE OF state ON onestop_cases
    FOR EACH ROW WHEN (NEW.state = 'closed') EXECUTE FUNCTION onestop_closed_is_done();
CREATE TRIGGER onestop_steps_closed_stays BEFORE INSERT OR UPDATE OF state ON onestop_steps
    FOR EACH ROW EXECUTE FUNCTION onestop_closed_stays();

-- +goose Down
SELECT 1;
