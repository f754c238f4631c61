-- 0008_secrecy.sql: the tally key of a campaign (its public part alone), its
-- rehearsal, who opened the box; printed cards; witnesses of the log.
-- +goose Up
ALTER TABLE campaigns
    ADD COLUMN tally_key        jsonb,        -- public part of the key ballots are sealed to
    ADD COLUMN tally_holders    text[] NOT NULL DEFAULT '{}', -- who holds share 1, 2, ...
    ADD COLUMN key_made_at      timestamptz,
    ADD COLUMN rehearsal_text   text NOT NULL DEFAULT '',
    ADD COLUMN rehearsal_sealed bytea,        -- the text, sealed to the key
    ADD COLUMN rehearsed_at     timestamptz,  -- two holders opened it: the key works
    ADD COLUMN log_origin       text NOT NULL DEFAULT '',
    ADD COLUMN log_key          text NOT NULL DEFAULT '',
    ADD COLUMN tally_hash       bytea,        -- SHA-256 of the tally's canonical result
    ADD COLUMN tally_result     jsonb,        -- that result: aggregates only
    ADD COLUMN opened_by        bigint[] NOT NULL DEFAULT '{}', -- the two people present at the tally
    ADD COLUMN shares_destroyed_on date,
    ADD COLUMN shares_destroyed_by bigint REFERENCES accounts,
    ADD CONSTRAINT campaigns_key_before_open CHECK (state = 'preparing' OR tally_key IS NOT NULL OR opened_at < '2026-11-24'),
    ADD CONSTRAINT campaigns_rehearsed_before_open CHECK (state = 'preparing' OR rehearsed_at IS NOT NULL OR opened_at < '2026-11-24'),
    ADD CONSTRAINT campaigns_destroyed_after_tally CHECK (shares_destroyed_on IS NULL OR state = 'tallied');

-- how a rater came by his card; a lost one may be replaced once, before casting begins
ALTER TABLE card_issue
    ALTER COLUMN tag DROP NOT NULL,           -- printed cards: nobody knows which one
    ADD COLUMN how text NOT NULL DEFAULT 'online',
    ADD COLUMN lost_on date,                  -- reported lost
    ADD COLUMN reissued_on date,              -- a second card was allowed
    ADD COLUMN reissued_by bigint REFERENCES accounts,
    ADD CONSTRAINT card_issue_how_known CHECK (how IN ('online', 'envelope', 'paper')),
    ADD CONSTRAINT card_issue_tag CHECK (how = 'online' OR tag IS NULL);

-- printings of cards: envelopes for a meeting, serials of paper ballots; the cards themselves are nowhere
CREATE TABLE card_sheets (
    campaign_id bigint  NOT NULL REFERENCES campaigns,
    sheet       integer NOT NULL,
    kind        text    NOT NULL,             -- envelope, paper
    grp         text    NOT NULL,
    cards       integer NOT NULL,
    place       text    NOT NULL DEFAULT '',  -- meeting, or ballot box of paper ballots
    printed_by  bigint  NOT NULL REFERENCES accounts,
    printed_at  timestamptz NOT NULL,
    idem        text    NOT NULL,
    spoiled     integer,                      -- paper: spoiled, as counted at the end
    unused      integer,                      -- paper: unused, as counted at the end
    settled_by  bigint  REFERENCES accounts,
    settled_at  timestamptz,
    PRIMARY KEY (campaign_id, sheet),
    CONSTRAINT card_sheets_idem_key UNIQUE (idem),
    CONSTRAINT card_sheets_kind_known CHECK (kind IN ('envelope', 'paper')),
    CONSTRAINT card_sheets_cards CHECK (cards BETWEEN 1 AND 2000),
    CONSTRAINT card_sheets_counts CHECK ((spoiled IS NULL) = (unused IS NULL) AND coalesce(spoiled, 0) >= 0 AND coalesce(unused, 0) >= 0)
);

-- offices that watch the logs with a computer of their own
CREATE TABLE witnesses (
    name       text PRIMARY KEY,              -- as in its key
    office     text NOT NULL,
    key        text NOT NULL,                 -- public
    added_by   bigint NOT NULL REFERENCES accounts,
    added_at   timestamptz NOT NULL,
    ended_at   timestamptz,
    CONSTRAINT witnesses_key_key UNIQUE (key)
);
CREATE TABLE cosignatures (
    origin  text   NOT NULL,                  -- which log
    size    bigint NOT NULL,
    witness text   NOT NULL REFERENCES witnesses,
    line    text   NOT NULL,                  -- the signature as it stands in a note
    at      timestamptz NOT NULL,
    PRIMARY KEY (origin, size, witness)
);

-- demo counties only: shares that anybody may try the tally with
CREATE TABLE demo_shares (
    campaign_id bigint NOT NULL REFERENCES campaigns,
    number      integer NOT NULL,
    share       text NOT NULL,
    PRIMARY KEY (campaign_id, number)
);

-- +goose Down
SELECT 1;
