-- 0013_issue_life.sql: the whole life of an issue. The columns of issues are a cache
-- of what its events amount to, written in the transaction of each event; an event
-- carries the version of the calendar in force when it happened.
-- +goose Up
ALTER TABLE issue_events ADD COLUMN calendar_version bigint REFERENCES calendar_versions;
UPDATE issue_events e SET calendar_version = coalesce(i.calendar_version, (SELECT max(id) FROM calendar_versions)) FROM issues i WHERE i.id = e.issue_id;
-- events told neither a registered unit's co-operating units nor notes apart until now
UPDATE issue_events e SET data = e.data || jsonb_build_object('cooperating', (SELECT jsonb_agg(x.unit_id) FROM order_units x WHERE x.order_id = o.id))
    FROM orders o WHERE e.kind = 'order' AND o.no = e.data ->> 'order' AND EXISTS (SELECT FROM order_units x WHERE x.order_id = o.id);

ALTER TABLE issues
    ADD COLUMN last_event      bigint   NOT NULL DEFAULT 0, -- 0: the clock counts it anew
    ADD COLUMN proposed_unit_id bigint  REFERENCES units,   -- in a dispute: who is to take it
    ADD COLUMN proposers       bigint[] NOT NULL DEFAULT '{}', -- units that proposed another
    ADD COLUMN cooperating     bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN officer         bigint   REFERENCES accounts, -- of the lead unit, in charge
    ADD COLUMN arbitrated      boolean  NOT NULL DEFAULT false,
    ADD COLUMN refused_named   boolean  NOT NULL DEFAULT false,
    ADD COLUMN arbitrate_due   timestamptz,
    ADD COLUMN paused_at       timestamptz,
    ADD COLUMN pause_reason    text     NOT NULL DEFAULT '',
    ADD COLUMN extension       text     NOT NULL DEFAULT '', -- asked, granted, denied
    ADD COLUMN extension_days  integer  NOT NULL DEFAULT 0,
    ADD COLUMN feedback_due    timestamptz,
    ADD COLUMN callback_due    timestamptz,
    ADD COLUMN reopen_until    timestamptz,
    ADD COLUMN review_due      timestamptz,                  -- refused by a policy clause, not reviewed yet
    ADD COLUMN reopened        smallint NOT NULL DEFAULT 0,
    ADD COLUMN reopens_found   smallint NOT NULL DEFAULT 0,  -- how many of them the supervision office has judged
    ADD COLUMN obstacle        text     NOT NULL DEFAULT '', -- finding: upheld, not
    ADD COLUMN special         boolean  NOT NULL DEFAULT false,
    ADD COLUMN clock_at        timestamptz,                  -- when the clock has something to do
    DROP CONSTRAINT issues_state_known,
    DROP CONSTRAINT issues_lead_from_registration,
    ADD CONSTRAINT issues_state_known CHECK (state IN ('raised', 'declined', 'registered', 'disputed', 'in_progress', 'answered', 'queued', 'ordered', 'result_ready', 'closed', 'withdrawn', 'merged')),
    ADD CONSTRAINT issues_lead_from_registration CHECK (state IN ('raised', 'declined', 'withdrawn', 'merged') OR (lead_unit_id IS NOT NULL AND grade IS NOT NULL AND deadline IS NOT NULL)),
    ADD CONSTRAINT issues_disputed_has_unit CHECK ((state = 'disputed') = (proposed_unit_id IS NOT NULL)),
    ADD CONSTRAINT issues_paused_in_progress CHECK (paused_at IS NULL OR state = 'in_progress');
CREATE INDEX issues_clock ON issues (clock_at) WHERE clock_at IS NOT NULL;
CREATE INDEX issues_uncounted ON issues (id) WHERE last_event = 0;
CREATE INDEX issues_proposed ON issues (proposed_unit_id) WHERE proposed_unit_id IS NOT NULL;
CREATE INDEX issues_cooperating ON issues USING gin (cooperating);
CREATE INDEX issues_open ON issues (deadline, id) WHERE state NOT IN ('closed', 'withdrawn', 'declined', 'merged');
CREATE INDEX issues_lead_open ON issues (lead_unit_id, deadline) WHERE state NOT IN ('closed', 'withdrawn', 'declined', 'merged');

-- +goose Down
SELECT 1;
