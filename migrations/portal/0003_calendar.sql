-- 0003_calendar.sql: Chinese working days as versioned data. A deadline keeps
-- the version it was computed with, so a later notice never moves a closed case.
-- +goose Up
CREATE TABLE calendar_versions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source     text NOT NULL,                 -- the notice or the list the days come from
    first_year integer NOT NULL,
    last_year  integer NOT NULL,              -- later years count Monday to Friday, provisionally
    adopted_at timestamptz NOT NULL,
    adopted_by bigint REFERENCES accounts,
    CONSTRAINT calendar_versions_source_key UNIQUE (source),
    CONSTRAINT calendar_versions_years CHECK (first_year <= last_year)
);
CREATE TABLE calendar_days (
    version_id bigint NOT NULL REFERENCES calendar_versions,
    day        date   NOT NULL,
    working    boolean NOT NULL,              -- true: a make-up workday; false: a day off
    name       text   NOT NULL,
    PRIMARY KEY (version_id, day)
);

-- +goose Down
SELECT 1;
