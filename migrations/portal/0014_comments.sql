-- 0014_comments.sql: what of a sheet's text its unit may read: two offices agree, then batches.
-- +goose Up

-- A batch is what a unit gets of a quarter at once; its seed orders it, whoever reads.
CREATE TABLE comment_batches (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_id     bigint   NOT NULL REFERENCES units,
    year        integer  NOT NULL,
    quarter     smallint NOT NULL,
    seed        bytea    NOT NULL,
    released_at timestamptz NOT NULL,
    released_by bigint   NOT NULL REFERENCES accounts,
    CONSTRAINT comment_batches_one UNIQUE (unit_id, year, quarter)
);

CREATE TABLE comments (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sheet_id    bigint NOT NULL REFERENCES sheets,
    part        text   NOT NULL,               -- opinion or suggestion
    state       text   NOT NULL,
    text        text   NOT NULL DEFAULT '',    -- as the unit will read it
    why         text   NOT NULL DEFAULT '',    -- of one held back
    proposed_by bigint NOT NULL REFERENCES accounts,
    proposed_office text NOT NULL,
    proposed_at timestamptz NOT NULL,
    agreed_by   bigint REFERENCES accounts,
    agreed_office text,
    agreed_at   timestamptz,
    batch_id    bigint REFERENCES comment_batches,
    read_at     timestamptz,                   -- by the unit
    listed_at   timestamptz,                   -- on the unit's list of corrections
    CONSTRAINT comments_one UNIQUE (sheet_id, part),
    CONSTRAINT comments_part_known CHECK (part IN ('opinion', 'suggestion')),
    CONSTRAINT comments_state_known CHECK (state IN ('proposed', 'agreed', 'hold_proposed', 'held', 'released')),
    CONSTRAINT comments_two_offices CHECK (agreed_office IS NULL OR agreed_office <> proposed_office),
    CONSTRAINT comments_agreed CHECK ((state IN ('agreed', 'held', 'released')) = (agreed_by IS NOT NULL)),
    CONSTRAINT comments_released CHECK ((state = 'released') = (batch_id IS NOT NULL)),
    CONSTRAINT comments_text CHECK (state IN ('hold_proposed', 'held') OR text <> ''),
    CONSTRAINT comments_held_why CHECK (state NOT IN ('hold_proposed', 'held') OR why <> '')
);
CREATE INDEX comments_batch ON comments (batch_id);

-- +goose Down
SELECT 1;
