-- 0040_honour.sql: commendation rounds (表彰) from the list the published ranking gives
-- to public notice, objections, decision, and withdrawal.
-- +goose Up

CREATE TABLE honour_rounds (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year             integer NOT NULL,
    result_id        bigint  NOT NULL REFERENCES year_results, -- the published ranking it is computed from
    state            text    NOT NULL DEFAULT 'draft',
    opened_at        timestamptz NOT NULL,
    noticed_at       timestamptz,
    notice_until     date,                     -- last day of the public notice, 24:00 Shanghai
    calendar_version bigint  REFERENCES calendar_versions, -- by which its days were counted
    decided_at       timestamptz,
    decided_by       bigint  REFERENCES accounts,
    behalf_of        bigint  REFERENCES accounts,
    document_id      bigint  REFERENCES documents,
    dropped_why      text    NOT NULL DEFAULT '',
    CONSTRAINT honour_rounds_state_known CHECK (state IN ('draft', 'notice', 'decided', 'dropped')),
    CONSTRAINT honour_rounds_noticed CHECK (state NOT IN ('notice', 'decided') OR (noticed_at IS NOT NULL AND notice_until IS NOT NULL AND calendar_version IS NOT NULL)),
    CONSTRAINT honour_rounds_decided CHECK ((state = 'decided') = (decided_at IS NOT NULL AND decided_by IS NOT NULL)),
    CONSTRAINT honour_rounds_dropped CHECK ((state = 'dropped') = (dropped_why <> ''))
);
CREATE UNIQUE INDEX honour_rounds_one ON honour_rounds (year) WHERE state <> 'dropped';

-- a unit (person = '') or one of its people
CREATE TABLE honour_candidates (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id   bigint  NOT NULL REFERENCES honour_rounds,
    unit_id    bigint  NOT NULL REFERENCES units,
    person     text    NOT NULL DEFAULT '',
    origin     text    NOT NULL,               -- rule; manual: added against or beside the rule
    state      text    NOT NULL,
    facts      jsonb   NOT NULL,               -- what the rule found, obstacles included
    reason     text    NOT NULL DEFAULT '',    -- of a manual addition
    pending_by bigint  REFERENCES accounts,    -- who asked for what waits for a second person
    ended_why  text    NOT NULL DEFAULT '',    -- why it was refused, withheld, withdrawn, revoked; public
    CONSTRAINT honour_candidates_once UNIQUE (round_id, unit_id, person),
    CONSTRAINT honour_candidates_origin_known CHECK (origin IN ('rule', 'manual')),
    CONSTRAINT honour_candidates_state_known CHECK (state IN ('proposed', 'stands', 'refused', 'withholding', 'withheld', 'withdrawn', 'commended', 'revoked')),
    CONSTRAINT honour_candidates_manual_reason CHECK (origin <> 'manual' OR reason <> ''),
    CONSTRAINT honour_candidates_ended_why CHECK (state NOT IN ('refused', 'withholding', 'withheld', 'withdrawn', 'revoked') OR ended_why <> '')
);

-- what was done in a round, each act once; a signature is the second person's
CREATE TABLE honour_steps (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id     bigint NOT NULL REFERENCES honour_rounds,
    candidate_id bigint REFERENCES honour_candidates,
    act          text   NOT NULL,
    actor        bigint REFERENCES accounts,   -- null: the portal
    role         text   NOT NULL,
    at           timestamptz NOT NULL,
    text         text   NOT NULL DEFAULT '',
    idem         text   NOT NULL,
    CONSTRAINT honour_steps_idem_key UNIQUE (idem)
);
CREATE INDEX honour_steps_round ON honour_steps (round_id, candidate_id, id);

-- who objects: a company or a unit. Which company it is, only the supervision office sees.
CREATE TABLE honour_objections (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    candidate_id bigint NOT NULL REFERENCES honour_candidates,
    company_id   bigint REFERENCES companies,
    unit_id      bigint REFERENCES units,
    grounds      text   NOT NULL,
    filed_by     bigint NOT NULL REFERENCES accounts,
    filed_at     timestamptz NOT NULL,
    decide_by    date   NOT NULL,
    state        text   NOT NULL DEFAULT 'filed',
    answer       text   NOT NULL DEFAULT '',   -- to who objected
    decided_by   bigint REFERENCES accounts,
    decided_at   timestamptz,
    idem         text   NOT NULL,
    CONSTRAINT honour_objections_idem_key UNIQUE (idem),
    CONSTRAINT honour_objections_one CHECK (num_nonnulls(company_id, unit_id) = 1),
    CONSTRAINT honour_objections_company_once UNIQUE (candidate_id, company_id),
    CONSTRAINT honour_objections_unit_once UNIQUE (candidate_id, unit_id),
    CONSTRAINT honour_objections_state_known CHECK (state IN ('filed', 'upheld', 'rejected')),
    CONSTRAINT honour_objections_decided CHECK ((state <> 'filed') = (decided_by IS NOT NULL AND decided_at IS NOT NULL AND answer <> ''))
);

-- individuals are proposed by companies or by their unit
CREATE TABLE honour_nominations (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id   bigint NOT NULL REFERENCES honour_rounds,
    unit_id    bigint NOT NULL REFERENCES units,
    person     text   NOT NULL,
    company_id bigint REFERENCES companies,
    own        boolean NOT NULL,               -- by the unit itself
    reason     text   NOT NULL,
    filed_by   bigint NOT NULL REFERENCES accounts,
    filed_at   timestamptz NOT NULL,
    idem       text   NOT NULL,
    CONSTRAINT honour_nominations_idem_key UNIQUE (idem),
    CONSTRAINT honour_nominations_one CHECK (own = (company_id IS NULL)),
    CONSTRAINT honour_nominations_company_once UNIQUE (round_id, unit_id, person, company_id)
);
CREATE UNIQUE INDEX honour_nominations_unit_once ON honour_nominations (round_id, unit_id, person) WHERE own;

-- further kinds of official documents: their words stand in package document
ALTER TABLE documents DROP CONSTRAINT IF EXISTS documents_kind_known;
ALTER TABLE documents ADD CONSTRAINT documents_kind_form CHECK (kind ~ '^[a-z]+$');

-- interviews (约谈): planned for units on the computed list, held, measures followed up
CREATE TABLE honour_interviews (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year        integer NOT NULL,              -- of the ranking or finding it rests on
    result_id   bigint  NOT NULL REFERENCES year_results,
    unit_id     bigint  NOT NULL REFERENCES units,
    basis       text    NOT NULL,              -- ranking: last tier and lowest grade; finding: upheld cases, a veto
    facts       jsonb   NOT NULL,              -- what the list was computed from
    state       text    NOT NULL DEFAULT 'planned',
    planned_on  date    NOT NULL,
    place       text    NOT NULL,
    holder      text    NOT NULL,              -- who speaks with the unit's head
    document_id bigint  NOT NULL REFERENCES documents,
    held_on     date,
    record      text    NOT NULL DEFAULT '',
    measures    text    NOT NULL DEFAULT '',
    due_on      date,
    CONSTRAINT honour_interviews_basis_known CHECK (basis IN ('ranking', 'finding')),
    CONSTRAINT honour_interviews_state_known CHECK (state IN ('planned', 'held', 'reported', 'closed', 'cancelled')),
    CONSTRAINT honour_interviews_held CHECK (state IN ('planned', 'cancelled') OR (held_on IS NOT NULL AND record <> '' AND measures <> '' AND due_on IS NOT NULL))
);
CREATE UNIQUE INDEX honour_interviews_one ON honour_interviews (year, unit_id, basis) WHERE state <> 'cancelled';
CREATE INDEX honour_interviews_unit ON honour_interviews (unit_id);

CREATE TABLE honour_interview_steps (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    interview_id bigint NOT NULL REFERENCES honour_interviews,
    act          text   NOT NULL,
    actor        bigint NOT NULL REFERENCES accounts,
    role         text   NOT NULL,
    at           timestamptz NOT NULL,
    text         text   NOT NULL DEFAULT '',
    idem         text   NOT NULL,
    CONSTRAINT honour_interview_steps_idem_key UNIQUE (idem)
);
CREATE INDEX honour_interview_steps_of ON honour_interview_steps (interview_id, id);

-- +goose Down
SELECT 1;
