-- 0023_delegations.sql: the chair of the leading group lets a deputy or a member sign
-- for him on certain days; an order keeps for whom it was signed.
-- +goose Up
CREATE TABLE delegations (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body_id  bigint NOT NULL REFERENCES bodies,
    giver    bigint NOT NULL REFERENCES accounts,
    taker    bigint NOT NULL REFERENCES accounts,
    from_on  date   NOT NULL,
    until_on date   NOT NULL,                 -- the last day, included
    reason   text   NOT NULL,
    made_at  timestamptz NOT NULL,
    ended_at timestamptz,                     -- taken back before its last day
    idem     text   NOT NULL,
    CONSTRAINT delegations_idem_key UNIQUE (idem),
    CONSTRAINT delegations_order CHECK (until_on >= from_on),
    CONSTRAINT delegations_to_another CHECK (giver <> taker)
);
CREATE INDEX delegations_taker ON delegations (taker) WHERE ended_at IS NULL;
ALTER TABLE orders ADD COLUMN behalf_of bigint REFERENCES accounts; -- signed for him by delegation

-- a topic of a meeting that is about an issue of the leading group's queue
CREATE TABLE meeting_topics (
    item_id   bigint PRIMARY KEY REFERENCES meeting_items,
    issue_ref text NOT NULL REFERENCES issues (ref)
);
CREATE INDEX meeting_topics_issue ON meeting_topics (issue_ref);

-- +goose Down
SELECT 1;
