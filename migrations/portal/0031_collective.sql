-- 0031_collective.sql: issues that no single company raises: the chamber's collective
-- ones and anonymous ones. Members are kept apart from the issue, so that no list of
-- issues can show them; only the chamber and the member itself read them.
-- +goose Up
ALTER TABLE issues ALTER COLUMN company_id DROP NOT NULL;
ALTER TABLE issues ALTER COLUMN raised_by DROP NOT NULL;
ALTER TABLE issues ADD COLUMN origin text NOT NULL DEFAULT 'company',
    ADD CONSTRAINT issues_origin_known CHECK (origin IN ('company', 'chamber', 'anonymous')),
    ADD CONSTRAINT issues_origin_company CHECK ((origin = 'company') = (company_id IS NOT NULL)),
    ADD CONSTRAINT issues_origin_person CHECK ((origin = 'anonymous') = (raised_by IS NULL));
CREATE INDEX issues_collective ON issues (id) WHERE origin = 'chamber';

CREATE TABLE collective_members (
    issue_id   bigint  NOT NULL REFERENCES issues,
    company_id bigint  NOT NULL REFERENCES companies,
    named      boolean NOT NULL DEFAULT false, -- it agreed that the county may read its name
    joined_at  timestamptz NOT NULL,
    left_at    timestamptz,
    PRIMARY KEY (issue_id, company_id),
    CONSTRAINT collective_members_left_unnamed CHECK (left_at IS NULL OR NOT named)
);
CREATE INDEX collective_members_company ON collective_members (company_id) WHERE left_at IS NULL;

-- what a member says of one answer; the chamber closes by these
CREATE TABLE collective_votes (
    issue_id     bigint NOT NULL,
    company_id   bigint NOT NULL,
    answer       bigint NOT NULL REFERENCES issue_events,
    verdict      text   NOT NULL,
    satisfaction text   NOT NULL,
    remark       text   NOT NULL DEFAULT '',  -- for the chamber
    at           timestamptz NOT NULL,
    PRIMARY KEY (issue_id, company_id, answer),
    FOREIGN KEY (issue_id, company_id) REFERENCES collective_members,
    CONSTRAINT collective_votes_verdict_known CHECK (verdict IN ('solved', 'partly', 'not')),
    CONSTRAINT collective_votes_satisfaction_known CHECK (satisfaction IN ('vs','s','b','d','vd'))
);

-- +goose Down
SELECT 1;
