-- 0021_tasks.sql: the year's task notice (任务分解), targets by unit, amendments that keep the old value.
-- +goose Up
CREATE TABLE task_years (
    year       integer PRIMARY KEY,
    notice_no  text NOT NULL,
    title      text NOT NULL,
    noticed_on date NOT NULL,
    target     numeric(16, 2),                  -- the county's, 万元; null: none set
    issued_at  timestamptz,                     -- null: draft
    issued_by  bigint REFERENCES accounts,
    file_name  text NOT NULL DEFAULT '',
    file_type  text NOT NULL DEFAULT '',
    file       bytea,
    entered_by bigint NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    CONSTRAINT task_years_target_positive CHECK (target > 0)
);

-- funds: an amount to arrive in the year; item: something to be done by a day
CREATE TABLE tasks (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year        integer NOT NULL REFERENCES task_years,
    unit_id     bigint  NOT NULL REFERENCES units,
    kind        text    NOT NULL,
    title       text    NOT NULL,
    target      numeric(16, 2),
    due_on      date    NOT NULL,
    responsible text    NOT NULL,
    done_on     date,
    evidence    text    NOT NULL DEFAULT '',
    dropped_at  timestamptz,
    idem        text    NOT NULL,
    CONSTRAINT tasks_idem_key UNIQUE (idem),
    CONSTRAINT tasks_kind_known CHECK (kind IN ('funds', 'item')),
    CONSTRAINT tasks_target_of_funds CHECK ((kind = 'funds') = (target IS NOT NULL) AND (target IS NULL OR target > 0)),
    CONSTRAINT tasks_done_has_evidence CHECK (done_on IS NULL OR (kind = 'item' AND evidence <> '')),
    CONSTRAINT tasks_due_in_year CHECK (extract(year FROM due_on) = year)
);
CREATE UNIQUE INDEX tasks_one_fund_target ON tasks (year, unit_id) WHERE kind = 'funds' AND dropped_at IS NULL;
CREATE INDEX tasks_unit ON tasks (unit_id, year);

-- what an issued task was before it was changed, by whom and why
CREATE TABLE task_amendments (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id    bigint NOT NULL REFERENCES tasks,
    old_target numeric(16, 2),
    old_due    date   NOT NULL,
    new_target numeric(16, 2),
    new_due    date   NOT NULL,
    dropped    boolean NOT NULL DEFAULT false,
    why        text   NOT NULL,
    by_account bigint NOT NULL REFERENCES accounts,
    at         timestamptz NOT NULL,
    CONSTRAINT task_amendments_reason CHECK (why <> '')
);
CREATE INDEX task_amendments_task ON task_amendments (task_id);

-- +goose Down
SELECT 1;
