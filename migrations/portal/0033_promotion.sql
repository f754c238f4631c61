-- 0033_promotion.sql: promotion activities (S-12, S-13, S-37), leads with their source
-- (S-34), agents (S-35), liaison officers and commissioners (S-36).
-- +goose Up
CREATE TABLE activities (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    title      text NOT NULL,
    place      text NOT NULL,
    from_on    date NOT NULL,
    until_on   date NOT NULL,
    leaders    text NOT NULL DEFAULT '',   -- who led it, a line each: name and post
    carried    text NOT NULL DEFAULT '',   -- projects it went out with
    about      text NOT NULL DEFAULT '',
    source     text NOT NULL DEFAULT '',   -- where a row of a report or of sample data comes from
    entered_by bigint NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    idem       text NOT NULL,
    CONSTRAINT activities_idem_key UNIQUE (idem),
    CONSTRAINT activities_kind_known CHECK (kind IN ('trip', 'fair', 'signing', 'festival', 'social')),
    CONSTRAINT activities_days CHECK (from_on <= until_on)
);
CREATE INDEX activities_day ON activities (from_on DESC);

CREATE TABLE activity_units (
    activity_id bigint NOT NULL REFERENCES activities,
    unit_id     bigint NOT NULL REFERENCES units,
    PRIMARY KEY (activity_id, unit_id)
);

-- A result is a row of the ledger, and of one activity only.
CREATE TABLE activity_contracts (
    contract_id bigint PRIMARY KEY REFERENCES contracts,
    activity_id bigint NOT NULL REFERENCES activities,
    linked_by   bigint NOT NULL REFERENCES accounts,
    linked_at   timestamptz NOT NULL
);
CREATE INDEX activity_contracts_activity ON activity_contracts (activity_id);

-- whom they met, and what is to follow by when
CREATE TABLE activity_contacts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    activity_id  bigint NOT NULL REFERENCES activities,
    name         text NOT NULL,
    organisation text NOT NULL,
    follow       text NOT NULL DEFAULT '',
    due_on       date,
    unit_id      bigint REFERENCES units,
    done_on      date,
    done_note    text NOT NULL DEFAULT '',
    entered_by   bigint NOT NULL REFERENCES accounts,
    entered_at   timestamptz NOT NULL,
    idem         text NOT NULL,
    CONSTRAINT activity_contacts_idem_key UNIQUE (idem),
    CONSTRAINT activity_contacts_follow CHECK ((follow <> '') = (due_on IS NOT NULL) AND (follow <> '') = (unit_id IS NOT NULL)),
    CONSTRAINT activity_contacts_done CHECK ((done_on IS NULL) = (done_note = '') AND (done_on IS NULL OR follow <> ''))
);
CREATE INDEX activity_contacts_activity ON activity_contacts (activity_id);
CREATE INDEX activity_contacts_open ON activity_contacts (due_on) WHERE follow <> '' AND done_on IS NULL;

-- companies invited, and what they answered
CREATE TABLE activity_guests (
    activity_id bigint NOT NULL REFERENCES activities,
    company_id  bigint NOT NULL REFERENCES companies,
    invited_by  bigint NOT NULL REFERENCES accounts,
    invited_at  timestamptz NOT NULL,
    comes       boolean,
    answered_at timestamptz,
    PRIMARY KEY (activity_id, company_id),
    CONSTRAINT activity_guests_answer CHECK ((comes IS NULL) = (answered_at IS NULL))
);
CREATE INDEX activity_guests_company ON activity_guests (company_id);

-- Agencies that promote by mandate (代理、委托招商).
CREATE TABLE agents (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    contact    text NOT NULL,
    mandate    text NOT NULL,
    territory  text NOT NULL,
    from_on    date NOT NULL,
    until_on   date NOT NULL,
    entered_by bigint NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    idem       text NOT NULL,
    CONSTRAINT agents_idem_key UNIQUE (idem),
    CONSTRAINT agents_term CHECK (from_on <= until_on)
);

-- Liaison officers (联络员) and commissioners (专员); the account has access while the term runs.
CREATE TABLE liaison_officers (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts,
    kind       text NOT NULL,
    territory  text NOT NULL,
    industry   text NOT NULL DEFAULT '',
    from_on    date NOT NULL,
    until_on   date NOT NULL,
    entered_by bigint NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    idem       text NOT NULL,
    CONSTRAINT liaison_officers_idem_key UNIQUE (idem),
    CONSTRAINT liaison_kind_known CHECK (kind IN ('liaison', 'commissioner')),
    CONSTRAINT liaison_term CHECK (from_on <= until_on)
);
CREATE INDEX liaison_officers_account ON liaison_officers (account_id);

CREATE TABLE liaison_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    officer_id bigint NOT NULL REFERENCES liaison_officers,
    on_day     date NOT NULL,
    text       text NOT NULL,
    entered_at timestamptz NOT NULL,
    idem       text NOT NULL,
    CONSTRAINT liaison_log_idem_key UNIQUE (idem)
);
CREATE INDEX liaison_log_officer ON liaison_log (officer_id);

CREATE TABLE leads (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    investor    text NOT NULL,
    investor_key text NOT NULL,              -- the name without spaces and case: one investor is one lead
    about       text NOT NULL,
    source      text NOT NULL,
    agent_id    bigint REFERENCES agents,
    officer_id  bigint REFERENCES liaison_officers,
    activity_id bigint REFERENCES activities,
    received_on date NOT NULL,
    contract_id bigint REFERENCES contracts, -- what came of it
    dropped_on  date,
    dropped_why text NOT NULL DEFAULT '',
    entered_by  bigint NOT NULL REFERENCES accounts,
    entered_at  timestamptz NOT NULL,
    idem        text NOT NULL,
    CONSTRAINT leads_idem_key UNIQUE (idem),
    CONSTRAINT leads_contract_key UNIQUE (contract_id),
    CONSTRAINT leads_source_known CHECK (source IN ('abroad', 'province', 'county', 'enterprise', 'network')),
    CONSTRAINT leads_attributed_once CHECK (num_nonnulls(agent_id, officer_id) <= 1),
    CONSTRAINT leads_dropped CHECK ((dropped_on IS NULL) = (dropped_why = '') AND (dropped_on IS NULL OR contract_id IS NULL))
);
CREATE UNIQUE INDEX leads_one_investor ON leads (investor_key) WHERE dropped_on IS NULL;
CREATE INDEX leads_source ON leads (source);

-- to whom a lead is attributed never changes
-- +goose StatementBegin
CREATE FUNCTION leads_keep_their_source() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.agent_id, NEW.officer_id, NEW.source, NEW.investor_key) IS DISTINCT FROM (OLD.agent_id, OLD.officer_id, OLD.source, OLD.investor_key) THEN
        RAISE EXCEPTION 'a lead keeps its source' USING ERRCODE = 'check_violation', CONSTRAINT = 'leads_keep_their_source';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER leads_keep_their_source BEFORE UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION leads_keep_their_source();

-- +goose Down
SELECT 1;
