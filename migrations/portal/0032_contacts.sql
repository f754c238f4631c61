-- 0032_contacts.sql: contact units (联系单位) of projects, one at a time, and their hand-over; sponsor groups (包扶工作组).
-- +goose Up

-- One unit proposes (or the offices do), the other accepts with the day; its own person takes over.
CREATE TABLE contact_handovers (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id   bigint NOT NULL REFERENCES projects,
    from_unit_id bigint NOT NULL REFERENCES units,
    to_unit_id   bigint NOT NULL REFERENCES units,
    by_unit_id   bigint REFERENCES units,      -- null: proposed by an office
    reason       text   NOT NULL,
    proposed_by  bigint NOT NULL REFERENCES accounts,
    proposed_at  timestamptz NOT NULL,
    state        text   NOT NULL DEFAULT 'open',
    answer       text   NOT NULL DEFAULT '',   -- why it was declined
    on_day       date,                         -- accepted: from this day
    answered_by  bigint REFERENCES accounts,
    answered_at  timestamptz,
    idem         text   NOT NULL,
    CONSTRAINT contact_handovers_idem_key UNIQUE (idem),
    CONSTRAINT contact_handovers_state_known CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
    CONSTRAINT contact_handovers_answered CHECK ((state = 'open') = (answered_at IS NULL)),
    CONSTRAINT contact_handovers_accepted_has_day CHECK ((state = 'accepted') = (on_day IS NOT NULL)),
    CONSTRAINT contact_handovers_declined_has_reason CHECK (state <> 'declined' OR answer <> ''),
    CONSTRAINT contact_handovers_to_another CHECK (from_unit_id <> to_unit_id)
);
CREATE UNIQUE INDEX contact_handovers_one_open ON contact_handovers (project_id) WHERE state = 'open';
CREATE INDEX contact_handovers_to ON contact_handovers (to_unit_id) WHERE state = 'open';

-- Who is in contact with the project's investor, one after the other: never two on a day, never none again.
CREATE TABLE project_contacts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id  bigint NOT NULL REFERENCES projects,
    unit_id     bigint NOT NULL REFERENCES units,
    person      text   NOT NULL,
    phone       text   NOT NULL,
    from_on     date   NOT NULL,
    until_on    date,                          -- the first day on which it is another
    handover_id bigint REFERENCES contact_handovers,
    set_by      bigint NOT NULL REFERENCES accounts,
    set_at      timestamptz NOT NULL,
    CONSTRAINT project_contacts_named CHECK (person <> '' AND phone <> ''),
    CONSTRAINT project_contacts_order CHECK (until_on IS NULL OR until_on >= from_on),
    CONSTRAINT project_contacts_never_two EXCLUDE USING gist (int8range(project_id, project_id, '[]') WITH &&, daterange(from_on, until_on) WITH &&)
);
CREATE UNIQUE INDEX project_contacts_one ON project_contacts (project_id) WHERE until_on IS NULL;
CREATE INDEX project_contacts_unit ON project_contacts (unit_id) WHERE until_on IS NULL;

-- +goose StatementBegin
CREATE FUNCTION project_contact_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.until_on IS NOT NULL OR (NEW.project_id, NEW.unit_id, NEW.person, NEW.phone, NEW.from_on) IS DISTINCT FROM (OLD.project_id, OLD.unit_id, OLD.person, OLD.phone, OLD.from_on) THEN
        RAISE EXCEPTION 'who was in contact stays on record' USING ERRCODE = 'check_violation', CONSTRAINT = 'project_contacts_stay';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION project_contact_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM project_contacts WHERE project_id = NEW.project_id AND until_on IS NULL) THEN
        RAISE EXCEPTION 'a contact ends when another begins' USING ERRCODE = 'check_violation', CONSTRAINT = 'project_contacts_follow';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER project_contacts_stay BEFORE UPDATE OR DELETE ON project_contacts FOR EACH ROW EXECUTE FUNCTION project_contact_stays();
CREATE CONSTRAINT TRIGGER project_contacts_follow AFTER UPDATE ON project_contacts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION project_contact_follows();

-- A sponsor group is led by a county-level leader, for a term, with a plan.
CREATE TABLE sponsor_groups (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint REFERENCES projects,      -- of one project,
    company_id bigint REFERENCES companies,     -- or of a whole company
    leader_id  bigint NOT NULL REFERENCES accounts,
    plan       text   NOT NULL,
    from_on    date   NOT NULL,
    until_on   date   NOT NULL,                 -- last day of its term
    ended_on   date,                            -- ended before, or replaced: the first day it is no more
    ended_why  text   NOT NULL DEFAULT '',
    version    integer NOT NULL DEFAULT 1,
    entered_by bigint NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    idem       text   NOT NULL,
    CONSTRAINT sponsor_groups_idem_key UNIQUE (idem),
    CONSTRAINT sponsor_groups_one_object CHECK (num_nonnulls(project_id, company_id) = 1),
    CONSTRAINT sponsor_groups_term CHECK (until_on >= from_on AND (ended_on IS NULL OR ended_on >= from_on)),
    CONSTRAINT sponsor_groups_ended_has_reason CHECK ((ended_on IS NULL) = (ended_why = '')),
    CONSTRAINT sponsor_groups_planned CHECK (plan <> '')
);
CREATE UNIQUE INDEX sponsor_groups_one_project ON sponsor_groups (project_id) WHERE ended_on IS NULL;
CREATE UNIQUE INDEX sponsor_groups_one_company ON sponsor_groups (company_id) WHERE ended_on IS NULL;
CREATE INDEX sponsor_groups_leader ON sponsor_groups (leader_id);

CREATE TABLE sponsor_members (
    group_id bigint NOT NULL REFERENCES sponsor_groups,
    unit_id  bigint NOT NULL REFERENCES units,
    task     text   NOT NULL DEFAULT '',        -- what the unit sees to
    PRIMARY KEY (group_id, unit_id)
);
CREATE INDEX sponsor_members_unit ON sponsor_members (unit_id);

-- +goose Down
SELECT 1;
