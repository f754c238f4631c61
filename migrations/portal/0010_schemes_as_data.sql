-- 0010_schemes_as_data.sql: schemes are edited, compared and adopted; results rest on
-- a sealed snapshot; direct scores of panels; amounts of entries; appeals; cases of
-- suspect ratings; runs of the simulator.
-- +goose Up
ALTER TABLE schemes
    ALTER COLUMN doc TYPE json USING doc::json,    -- the bytes stay as they were written
    ALTER COLUMN adopted_at DROP NOT NULL,         -- null: a draft
    ADD COLUMN revision   integer NOT NULL DEFAULT 1,  -- grows with every change of a draft
    ADD COLUMN changed_at timestamptz,
    ADD COLUMN changed_by bigint REFERENCES accounts,
    ADD COLUMN adopted_by bigint REFERENCES accounts,
    ADD COLUMN dry_run_hash bytea,                 -- of the document that was last tried on facts
    ADD CONSTRAINT schemes_locked_is_adopted CHECK (locked_at IS NULL OR adopted_at IS NOT NULL);
-- +goose StatementBegin
CREATE FUNCTION adopted_scheme_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.doc::text <> OLD.doc::text OR NEW.code <> OLD.code OR NEW.version <> OLD.version THEN
        RAISE EXCEPTION 'an adopted scheme cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER schemes_adopted_stay BEFORE UPDATE OR DELETE ON schemes
    FOR EACH ROW WHEN (OLD.adopted_at IS NOT NULL) EXECUTE FUNCTION adopted_scheme_stays();

-- the tally's canonical result is the one place where a campaign's aggregates are kept
DROP TABLE campaign_group_results, campaign_item_results, campaign_unit_results;
ALTER TABLE campaigns
    ALTER COLUMN tally_result TYPE json USING tally_result::json,
    DROP CONSTRAINT campaigns_kind_known,
    ADD CONSTRAINT campaigns_kind_known CHECK (kind IN ('q1', 'q2', 'mid_year', 'q3', 'q4', 'year_end'));

ALTER TABLE adjustments
    ADD COLUMN amount numeric(16, 4),              -- where the rule counts an amount
    ADD CONSTRAINT adjustments_amount CHECK (amount > 0);

-- direct scores: leaders, a third party, an inspection
CREATE TABLE panel_scores (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year       integer NOT NULL,
    unit_id    bigint  NOT NULL REFERENCES units,
    panel      text    NOT NULL,
    scorer     text    NOT NULL,                   -- who scored, as the panel's sheet names him
    score      numeric(7, 4) NOT NULL,
    evidence   text    NOT NULL,
    entered_by bigint  NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    struck_at  timestamptz,
    struck_by  bigint  REFERENCES accounts,
    struck_why text    NOT NULL DEFAULT '',
    CONSTRAINT panel_scores_range CHECK (score BETWEEN 0 AND 100),
    CONSTRAINT panel_scores_struck CHECK (struck_at IS NULL OR struck_why <> '')
);
CREATE UNIQUE INDEX panel_scores_once ON panel_scores (year, unit_id, panel, scorer) WHERE struck_at IS NULL;

-- results computed before there were snapshots cannot be explained by these tables
ALTER TABLE standings DISABLE TRIGGER USER;
ALTER TABLE year_results DISABLE TRIGGER USER;
DELETE FROM standings;
DELETE FROM year_results;
ALTER TABLE standings ENABLE TRIGGER USER;
ALTER TABLE year_results ENABLE TRIGGER USER;
ALTER TABLE standings
    DROP COLUMN a, DROP COLUMN f, DROP COLUMN r, DROP COLUMN w,
    DROP CONSTRAINT standings_grade_known,
    ALTER COLUMN total TYPE numeric,
    ALTER COLUMN reasons TYPE json USING reasons::json,
    ADD COLUMN lists text[] NOT NULL DEFAULT '{}'; -- lists of best and worst it stands on
ALTER TABLE year_results
    ADD COLUMN snapshot      bytea NOT NULL,       -- the sealed file: scheme, facts, calendar, tallies
    ADD COLUMN snapshot_hash bytea NOT NULL,       -- its SHA-256
    ADD COLUMN ranking_hash  bytea NOT NULL,       -- SHA-256 of the ranking that follows from it
    ADD COLUMN fairness      json,                 -- comparison that allows for harsh raters
    ADD COLUMN because_of    text NOT NULL DEFAULT '', -- version 2 and later: which appeals
    DROP COLUMN facts_hash;

-- the two offices sign a result's snapshot
CREATE TABLE result_signatures (
    result_id  bigint NOT NULL REFERENCES year_results,
    office     text   NOT NULL,
    account_id bigint NOT NULL REFERENCES accounts,
    signed_at  timestamptz NOT NULL,
    PRIMARY KEY (result_id, office)
);

-- appeals against a deduction, an attribution or a data error; never a ballot
CREATE TABLE appeals (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    result_id  bigint NOT NULL REFERENCES year_results,
    unit_id    bigint NOT NULL REFERENCES units,
    kind       text   NOT NULL,
    subject    text   NOT NULL,                    -- rule, issue or figure it is about
    grounds    text   NOT NULL,
    state      text   NOT NULL DEFAULT 'filed',
    filed_by   bigint NOT NULL REFERENCES accounts,
    filed_at   timestamptz NOT NULL,
    decide_by  date   NOT NULL,
    decided_by bigint REFERENCES accounts,
    decided_at timestamptz,
    decision   text   NOT NULL DEFAULT '',
    done_at    timestamptz,                        -- an upheld one: the facts were put right
    idem       text   NOT NULL,
    CONSTRAINT appeals_idem_key UNIQUE (idem),
    CONSTRAINT appeals_once UNIQUE (result_id, unit_id, subject),
    CONSTRAINT appeals_done CHECK (done_at IS NULL OR state = 'upheld'),
    CONSTRAINT appeals_kind_known CHECK (kind IN ('deduction', 'attribution', 'data')),
    CONSTRAINT appeals_state_known CHECK (state IN ('filed', 'upheld', 'rejected')),
    CONSTRAINT appeals_decided CHECK ((state = 'filed') = (decided_at IS NULL) AND (state = 'filed' OR decision <> ''))
);
CREATE INDEX appeals_unit ON appeals (unit_id);

-- what was published stays, byte for byte; the one change it can see is that a later
-- version takes its place
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    after year_results;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'superseded' THEN
        after := NEW;
        after.state := OLD.state;
        IF after::text = OLD::text THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a published result cannot be changed' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
DROP TRIGGER year_results_published_stays ON year_results;
CREATE TRIGGER year_results_published_stays BEFORE UPDATE OR DELETE ON year_results
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION published_stays();
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION published_standings_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM year_results r WHERE r.id = OLD.result_id AND r.published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a published result cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- +goose StatementEnd

-- suspect patterns of ratings: opened by the tally, decided by two people
CREATE TABLE suspicions (
    campaign_id bigint  NOT NULL REFERENCES campaigns,
    number      integer NOT NULL,
    kind        text    NOT NULL,
    doc         json    NOT NULL,                  -- how many ballots, which units; never who
    state       text    NOT NULL DEFAULT 'open',
    first_by    bigint  REFERENCES accounts,
    first_at    timestamptz,
    first_word  text    NOT NULL DEFAULT '',
    first_text  text    NOT NULL DEFAULT '',
    second_by   bigint  REFERENCES accounts,
    second_at   timestamptz,
    second_text text    NOT NULL DEFAULT '',
    PRIMARY KEY (campaign_id, number),
    CONSTRAINT suspicions_state_known CHECK (state IN ('open', 'first', 'confirmed', 'dismissed')),
    CONSTRAINT suspicions_two_people CHECK (second_by IS DISTINCT FROM first_by OR second_by IS NULL),
    CONSTRAINT suspicions_decided CHECK ((state IN ('confirmed', 'dismissed')) = (second_at IS NOT NULL))
);

-- every run of the simulator is on record
CREATE TABLE simulations (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    result_id bigint NOT NULL REFERENCES year_results,
    doc       json   NOT NULL,                     -- what was changed
    note      text   NOT NULL DEFAULT '',
    run_by    bigint NOT NULL REFERENCES accounts,
    run_at    timestamptz NOT NULL
);
CREATE INDEX simulations_result ON simulations (result_id);

-- +goose Down
SELECT 1;
