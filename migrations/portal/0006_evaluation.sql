-- 0006_evaluation.sql: schemes, campaigns, the register of cards, tallied
-- results, task figures, adjustments, and the year's result. No ballot is here:
-- ballots live in another database, under another role.
-- +goose Up
CREATE DOMAIN exact AS text CHECK (VALUE ~ '^-?[0-9]+/[1-9][0-9]*$');

CREATE TABLE schemes (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code      text    NOT NULL,
    version   integer NOT NULL,
    doc       jsonb   NOT NULL,
    adopted_at timestamptz NOT NULL,
    locked_at timestamptz,                    -- from then on nothing in it changes
    CONSTRAINT schemes_version_key UNIQUE (code, version)
);

CREATE TABLE campaigns (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year       integer NOT NULL,
    kind       text    NOT NULL,              -- mid_year, year_end
    scheme_id  bigint  NOT NULL REFERENCES schemes,
    state      text    NOT NULL DEFAULT 'preparing',
    card_from  timestamptz NOT NULL,
    card_until timestamptz NOT NULL,
    cast_from  timestamptz NOT NULL,
    cast_until timestamptz NOT NULL,
    created_by bigint  REFERENCES accounts,
    opened_at  timestamptz,
    closed_at  timestamptz,
    tallied_at timestamptz,
    rater_count integer,                      -- size of the frozen list, published at opening
    ballots_cast    integer,                  -- counted ballots, known after the close
    ballots_revised integer,                  -- earlier versions that a later one replaced
    idem       text    NOT NULL,
    CONSTRAINT campaigns_once UNIQUE (year, kind),
    CONSTRAINT campaigns_idem_key UNIQUE (idem),
    CONSTRAINT campaigns_kind_known CHECK (kind IN ('mid_year', 'year_end')),
    CONSTRAINT campaigns_state_known CHECK (state IN ('preparing', 'open', 'closed', 'tallied')),
    CONSTRAINT campaigns_windows CHECK (card_from < card_until AND cast_from < cast_until AND card_from <= cast_from AND card_until <= cast_until)
);
CREATE TABLE campaign_units (
    campaign_id bigint NOT NULL REFERENCES campaigns,
    unit_id     bigint NOT NULL REFERENCES units,
    class       smallint NOT NULL,
    head_name   text   NOT NULL DEFAULT '',   -- the head at opening
    PRIMARY KEY (campaign_id, unit_id)
);
CREATE TABLE campaign_raters (
    campaign_id bigint NOT NULL REFERENCES campaigns,
    rater_id    bigint GENERATED ALWAYS AS IDENTITY,
    grp         text   NOT NULL,
    company_id  bigint REFERENCES companies,
    account_id  bigint REFERENCES accounts,   -- persons of G3 to G5
    PRIMARY KEY (campaign_id, rater_id),
    CONSTRAINT campaign_raters_company_once UNIQUE (campaign_id, company_id),
    CONSTRAINT campaign_raters_account_once UNIQUE (campaign_id, account_id),
    CONSTRAINT campaign_raters_one CHECK (num_nonnulls(company_id, account_id) = 1)
);
-- the register: who collected a card. A date, never a time; tag says nothing about the card.
CREATE TABLE card_issue (
    campaign_id bigint NOT NULL,
    rater_id    bigint NOT NULL,
    grp         text   NOT NULL,
    tag         bytea  NOT NULL,
    issued_on   date   NOT NULL,
    PRIMARY KEY (campaign_id, rater_id),
    FOREIGN KEY (campaign_id, rater_id) REFERENCES campaign_raters
);

-- aggregates that the tally hands over; never a line of a ballot
CREATE TABLE campaign_group_results (
    campaign_id bigint NOT NULL REFERENCES campaigns,
    unit_id     bigint NOT NULL REFERENCES units,
    grp         text   NOT NULL,
    lines       integer NOT NULL,             -- valid lines
    invalid     integer NOT NULL,             -- lines with less than half of the weight answered
    trimmed     integer NOT NULL,             -- k: dropped at each end
    mean        exact,                        -- trimmed mean M_g; null without lines
    variance    exact,                        -- sample variance of all valid lines; null under two
    usable      boolean NOT NULL,
    PRIMARY KEY (campaign_id, unit_id, grp)
);
CREATE TABLE campaign_item_results (
    campaign_id bigint NOT NULL REFERENCES campaigns,
    unit_id     bigint NOT NULL REFERENCES units,
    item        text   NOT NULL,              -- indicator code
    level       text   NOT NULL,              -- level code, or na
    n           integer NOT NULL,
    PRIMARY KEY (campaign_id, unit_id, item, level)
);
CREATE TABLE campaign_unit_results (
    campaign_id bigint NOT NULL REFERENCES campaigns,
    unit_id     bigint NOT NULL REFERENCES units,
    lines       integer NOT NULL,             -- valid lines in usable groups
    rankable    boolean NOT NULL,
    score       exact,                        -- A_c; null when not rankable
    se          double precision,             -- closed form; display only
    PRIMARY KEY (campaign_id, unit_id),
    CONSTRAINT campaign_unit_results_null_is_not_zero CHECK (rankable = (score IS NOT NULL))
);

-- task figures, entered by an office
CREATE TABLE task_figures (
    year        integer NOT NULL,
    unit_id     bigint  NOT NULL REFERENCES units,
    target      numeric(16, 2),               -- 万元; null: no target
    arrived     numeric(16, 2),               -- 万元
    tasks_due   integer NOT NULL,
    tasks_done  integer NOT NULL,
    evidence    text    NOT NULL,
    entered_by  bigint  NOT NULL REFERENCES accounts,
    entered_at  timestamptz NOT NULL,
    PRIMARY KEY (year, unit_id),
    CONSTRAINT task_figures_target CHECK (target > 0),
    CONSTRAINT task_figures_arrived CHECK ((target IS NULL) = (arrived IS NULL) AND (arrived IS NULL OR arrived >= 0)),
    CONSTRAINT task_figures_done CHECK (tasks_done BETWEEN 0 AND tasks_due)
);

-- bonus, deduction and veto entries, each with its evidence; struck out, never deleted
CREATE TABLE adjustments (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year       integer NOT NULL,
    unit_id    bigint  NOT NULL REFERENCES units,
    rule       text    NOT NULL,              -- B1.., D2.., V1..
    happened_on date   NOT NULL,
    company_id bigint  REFERENCES companies,  -- B3: praises count once a company
    issue_id   bigint  REFERENCES issues,
    evidence   text    NOT NULL,
    entered_by bigint  NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    struck_at  timestamptz,
    struck_by  bigint  REFERENCES accounts,
    struck_why text    NOT NULL DEFAULT '',
    idem       text    NOT NULL,
    CONSTRAINT adjustments_idem_key UNIQUE (idem),
    CONSTRAINT adjustments_evidence CHECK (evidence <> ''),
    CONSTRAINT adjustments_struck CHECK (struck_at IS NULL OR struck_why <> '')
);
CREATE INDEX adjustments_unit ON adjustments (year, unit_id);

-- the year's result: computed (draft), checked by a second person, approved, published
CREATE TABLE year_results (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year         integer NOT NULL,
    version      integer NOT NULL,
    scheme_id    bigint  NOT NULL REFERENCES schemes,
    calendar_version bigint NOT NULL REFERENCES calendar_versions,
    state        text    NOT NULL,
    as_of        timestamptz NOT NULL,
    facts_hash   bytea   NOT NULL,            -- SHA-256 of the canonical facts it was computed from
    computed_by  bigint  NOT NULL REFERENCES accounts,
    computed_at  timestamptz NOT NULL,
    checked_by   bigint  REFERENCES accounts,
    checked_at   timestamptz,
    approved_by  bigint  REFERENCES accounts,
    approved_at  timestamptz,
    published_by bigint  REFERENCES accounts,
    published_at timestamptz,
    returned_by  bigint  REFERENCES accounts,
    returned_at  timestamptz,
    returned_why text    NOT NULL DEFAULT '',
    idem         text    NOT NULL,
    CONSTRAINT year_results_version_key UNIQUE (year, version),
    CONSTRAINT year_results_idem_key UNIQUE (idem),
    CONSTRAINT year_results_state_known CHECK (state IN ('draft', 'checked', 'approved', 'published', 'returned', 'superseded')),
    CONSTRAINT year_results_two_people CHECK (checked_by IS DISTINCT FROM computed_by),
    CONSTRAINT year_results_in_order CHECK (
        (state NOT IN ('checked', 'approved', 'published') OR checked_by IS NOT NULL) AND
        (state NOT IN ('approved', 'published') OR approved_by IS NOT NULL) AND
        (state <> 'published' OR published_by IS NOT NULL))
);
CREATE UNIQUE INDEX year_results_one_published ON year_results (year) WHERE state = 'published';
CREATE TABLE standings (
    result_id bigint  NOT NULL REFERENCES year_results,
    unit_id   bigint  NOT NULL REFERENCES units,
    class     smallint NOT NULL,
    status    text    NOT NULL,               -- ranked, insufficient, veto
    rank      integer,
    total     numeric(9, 4),                  -- rounded once, half up
    grade     text,
    a exact, f exact, r exact, w exact, base exact,
    bonus     exact NOT NULL,
    deduction exact NOT NULL,
    se        double precision,               -- of the total; display only
    tier      integer,
    rank_best integer,
    rank_worst integer,
    lines     integer NOT NULL,               -- valid lines behind A in the year-end campaign
    reasons   jsonb   NOT NULL,               -- the figures each number is made of
    PRIMARY KEY (result_id, unit_id),
    CONSTRAINT standings_status_known CHECK (status IN ('ranked', 'insufficient', 'veto')),
    CONSTRAINT standings_ranked CHECK ((status = 'ranked') = (rank IS NOT NULL)),
    CONSTRAINT standings_grade_known CHECK (grade IN ('excellent', 'good', 'fair', 'poor')),
    CONSTRAINT standings_insufficient CHECK ((status = 'insufficient') = (total IS NULL))
);

-- +goose Down
SELECT 1;
