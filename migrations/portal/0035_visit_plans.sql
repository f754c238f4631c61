-- 0035_visit_plans.sql: the day a visit is planned for, joint visits, the load of a company, visits nobody registered.
-- +goose Up

-- N visits a month to a company, and how long things take where the company did not say: data, not constants.
CREATE TABLE visit_settings (
    one           boolean PRIMARY KEY DEFAULT true CHECK (one),
    month_limit   integer NOT NULL DEFAULT 2,
    visit_minutes integer NOT NULL DEFAULT 60,
    sheet_minutes integer NOT NULL DEFAULT 5,
    inspection_minutes integer NOT NULL DEFAULT 120,
    CONSTRAINT visit_settings_ranges CHECK (month_limit BETWEEN 1 AND 20 AND visit_minutes BETWEEN 1 AND 600 AND sheet_minutes BETWEEN 1 AND 120 AND inspection_minutes BETWEEN 1 AND 1440)
);
INSERT INTO visit_settings DEFAULT VALUES;

-- several units call on a company together: once for the company, once for each unit
CREATE TABLE joint_visits (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES companies,
    made_at    timestamptz NOT NULL
);

ALTER TABLE visits ADD COLUMN planned_on date,
    ADD COLUMN joint_id bigint REFERENCES joint_visits,
    ADD COLUMN minutes integer,                          -- how long it took, as the company says
    ADD COLUMN reported_by bigint REFERENCES accounts,   -- the company reported it; the unit had not registered it
    ADD COLUMN reported_at timestamptz,
    ADD CONSTRAINT visits_minutes CHECK (minutes BETWEEN 1 AND 1440),
    ADD CONSTRAINT visits_reported CHECK ((reported_by IS NULL) = (reported_at IS NULL) AND (reported_at IS NULL OR visited_on IS NOT NULL));
CREATE INDEX visits_joint ON visits (joint_id) WHERE joint_id IS NOT NULL;
CREATE INDEX visits_planned ON visits (year, quarter, planned_on);
CREATE UNIQUE INDEX visits_reported_once ON visits (unit_id, company_id, visited_on) WHERE reported_at IS NOT NULL;

-- The load of companies: each occasion once, a joint visit of one day as one.
CREATE VIEW visit_occasions AS
    SELECT company_id, coalesce(visited_on, planned_on) AS on_day, coalesce('j' || joint_id, 'u' || unit_id) AS who,
        max(minutes) AS minutes, bool_or(visited_on IS NOT NULL) AS made, count(*) AS units
    FROM visits WHERE coalesce(visited_on, planned_on) IS NOT NULL
    GROUP BY company_id, coalesce(visited_on, planned_on), coalesce('j' || joint_id, 'u' || unit_id);
GRANT SELECT ON visit_occasions TO pingyi_app;

-- +goose Down
SELECT 1;
