-- 0045_interviews.sql: interviews (约谈): planned for units on the computed list, held,
-- measures followed up.
-- +goose Up

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
