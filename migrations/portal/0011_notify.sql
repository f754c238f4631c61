-- 0011_notify.sql: what people are told. A message is written in the transaction of
-- the act it tells of; a notice is that message for one receiver (his inbox); a
-- delivery carries it outside, by e-mail or text message.
-- +goose Up
CREATE TABLE messages (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text    NOT NULL,               -- texts: notify.<kind>.subject and .body
    topic     text    NOT NULL DEFAULT '',    -- issue:NJ-2026-0187
    link      text    NOT NULL DEFAULT '',    -- path within the portal
    args      jsonb   NOT NULL DEFAULT '{}',  -- values of the text
    key       text    NOT NULL,               -- the same key never tells the same receiver twice
    reminder  boolean NOT NULL DEFAULT false, -- dropped when somebody acted
    posted_at timestamptz NOT NULL,
    CONSTRAINT messages_key_key UNIQUE (key),
    CONSTRAINT messages_link_inside CHECK (link = '' OR (link LIKE '/%' AND link NOT LIKE '//%'))
);
CREATE INDEX messages_reminders ON messages (topic) WHERE reminder;

CREATE TABLE notices (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id bigint NOT NULL REFERENCES messages,
    account_id bigint REFERENCES accounts,
    company_id bigint REFERENCES companies,   -- a company without a person who can sign in: its own address
    body_id    bigint REFERENCES bodies,      -- told as a member of: who is no member any more is not told
    visible_at timestamptz NOT NULL,
    planned_at timestamptz,                   -- its deliveries were made, or it needs none
    digest     boolean NOT NULL DEFAULT false, -- waits for the receiver's daily summary
    delivery_id bigint,                       -- the summary it went into
    settled    boolean NOT NULL DEFAULT false, -- a reminder of what was done meanwhile
    read_at    timestamptz,
    CONSTRAINT notices_one_receiver CHECK ((account_id IS NULL) <> (company_id IS NULL))
);
CREATE UNIQUE INDEX notices_account_once ON notices (message_id, account_id) WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX notices_company_once ON notices (message_id, company_id) WHERE company_id IS NOT NULL;
CREATE INDEX notices_inbox ON notices (account_id, visible_at DESC, id DESC) WHERE account_id IS NOT NULL;
CREATE INDEX notices_unread ON notices (account_id, visible_at) WHERE read_at IS NULL AND NOT settled;
CREATE INDEX notices_unplanned ON notices (visible_at) WHERE planned_at IS NULL AND NOT settled;
CREATE INDEX notices_digest ON notices (account_id) WHERE digest AND delivery_id IS NULL AND NOT settled;

-- One e-mail or one text message.
--   waiting: to be sent at next_at     sending: taken by one process
--   sent:    the other side took it    dead:    given up, the operator decides
--   unsure:  handed over, but no answer was seen: the operator decides
--   dropped: not needed any more
CREATE TABLE deliveries (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref        uuid    NOT NULL DEFAULT gen_random_uuid(), -- its name outside: Message-ID, idempotency key
    channel    text    NOT NULL,
    notice_id  bigint  REFERENCES notices,    -- null: a daily summary
    account_id bigint  REFERENCES accounts,
    company_id bigint  REFERENCES companies,
    digest_on  date,
    state      text    NOT NULL DEFAULT 'waiting',
    attempts   integer NOT NULL DEFAULT 0,    -- how often a process took it; the number of the present one
    refusals   integer NOT NULL DEFAULT 0,    -- how often the other side refused it for now
    created_at timestamptz NOT NULL,
    next_at    timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,          -- when next_at was decided: later than now, the clock was set back
    taken_at   timestamptz,
    handed_at  timestamptz,                   -- from here on the other side may have it
    ended_at   timestamptz,
    address    text    NOT NULL DEFAULT '',   -- of the last attempt
    problem    text    NOT NULL DEFAULT '',   -- of the last attempt, as the other side put it
    CONSTRAINT deliveries_ref_key UNIQUE (ref),
    CONSTRAINT deliveries_channel_known CHECK (channel IN ('email', 'sms')),
    CONSTRAINT deliveries_state_known CHECK (state IN ('waiting', 'sending', 'sent', 'dead', 'unsure', 'dropped')),
    CONSTRAINT deliveries_one_receiver CHECK ((account_id IS NULL) <> (company_id IS NULL)),
    CONSTRAINT deliveries_what CHECK ((notice_id IS NULL) = (digest_on IS NOT NULL))
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (notice_id, channel) WHERE notice_id IS NOT NULL;
CREATE UNIQUE INDEX deliveries_one_digest_a_day ON deliveries (account_id, channel, digest_on) WHERE digest_on IS NOT NULL;
CREATE INDEX deliveries_due ON deliveries (next_at, id) WHERE state = 'waiting';
CREATE INDEX deliveries_open ON deliveries (state, id) WHERE state IN ('sending', 'dead', 'unsure');
ALTER TABLE notices ADD CONSTRAINT notices_digest_delivery FOREIGN KEY (delivery_id) REFERENCES deliveries;

-- a channel that cannot be reached: nothing is taken for it until next_at
CREATE TABLE notify_channels (
    channel    text PRIMARY KEY,
    down_since timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    next_at    timestamptz NOT NULL,
    failures   integer     NOT NULL,
    problem    text        NOT NULL,
    CONSTRAINT notify_channels_known CHECK (channel IN ('email', 'sms'))
);

-- how a person wants to be told; what is not chosen here is as the portal proposes
CREATE TABLE notify_choices (
    account_id bigint  NOT NULL REFERENCES accounts,
    grp        text    NOT NULL,
    email      text    NOT NULL,
    sms        boolean NOT NULL,
    PRIMARY KEY (account_id, grp),
    CONSTRAINT notify_choices_email_known CHECK (email IN ('now', 'daily', 'never'))
);
CREATE TABLE notify_hours (
    account_id  bigint PRIMARY KEY REFERENCES accounts,
    quiet_from  smallint NOT NULL,            -- hours of the day in Beijing; equal: no quiet hours
    quiet_until smallint NOT NULL,
    digest_hour smallint NOT NULL,
    CONSTRAINT notify_hours_clock CHECK (quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23 AND digest_hour BETWEEN 0 AND 23)
);

-- +goose Down
SELECT 1;
