-- 0029_sponsors.sql: sponsor groups (包扶工作组) led by a county-level leader.
-- +goose Up
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
