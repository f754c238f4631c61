-- 0001_box.sql: the ballot box, a database of its own. It knows cards by their
-- slot and nothing else: no company, no account, no time, no serial number.
-- Role pingyi_cast may execute two functions and read one table of campaign
-- notices; role pingyi_tally may count, and only after the close.
-- +goose Up

-- what the ballot host must know to show the form; nothing about raters
CREATE TABLE box_campaign (
    id         bigint PRIMARY KEY,            -- the campaign's number in the portal
    state      text  NOT NULL DEFAULT 'open',
    cast_from  timestamptz NOT NULL,
    cast_until timestamptz NOT NULL,
    form       jsonb NOT NULL,                -- titles, units by class, indicators, levels, limits
    revised    integer NOT NULL DEFAULT 0,    -- versions replaced by a later one, counted at the close
    CONSTRAINT box_campaign_state_known CHECK (state IN ('open', 'closed'))
);

-- ballots as they come in, emptied at the close
CREATE TABLE box_stage (
    campaign bigint  NOT NULL,
    slot     bytea   NOT NULL,
    ver      integer NOT NULL,
    grp      text    NOT NULL,
    idem     bytea   NOT NULL,
    payload  bytea   NOT NULL,
    PRIMARY KEY (campaign, slot, ver),
    CONSTRAINT box_stage_idem_key UNIQUE (idem)
);
-- the counted set: the last version of each slot, written in hash order at the close
CREATE TABLE box (
    campaign bigint  NOT NULL,
    slot     bytea   NOT NULL,
    grp      text    NOT NULL,
    payload  bytea   NOT NULL,
    PRIMARY KEY (campaign, slot)
);

-- +goose StatementBegin
CREATE FUNCTION box_cast(p_campaign bigint, p_slot bytea, p_grp text, p_idem bytea, p_payload bytea) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    v integer;
BEGIN
    -- shared with other casts, exclusive for the close: a ballot is either before the close or refused
    PERFORM pg_advisory_xact_lock_shared(7241, p_campaign::integer);
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(p_slot, 'hex'), p_campaign));
    SELECT ver INTO v FROM box_stage WHERE idem = p_idem;
    IF FOUND THEN
        RETURN v; -- the same post again: the same ballot
    END IF;
    PERFORM 1 FROM box_campaign WHERE id = p_campaign AND state = 'open';
    IF NOT FOUND THEN
        RETURN 0; -- not open
    END IF;
    SELECT coalesce(max(ver), 0) + 1 INTO v FROM box_stage WHERE campaign = p_campaign AND slot = p_slot;
    INSERT INTO box_stage VALUES (p_campaign, p_slot, v, p_grp, p_idem, p_payload);
    RETURN v;
END $$;
-- +goose StatementEnd

-- how many cards have been used, by group: all that anybody may know before the close
-- +goose StatementBegin
CREATE FUNCTION box_turnout(p_campaign bigint) RETURNS TABLE (grp text, ballots bigint)
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT s.grp, count(DISTINCT s.slot) FROM box_stage s WHERE s.campaign = p_campaign GROUP BY s.grp
    UNION ALL
    SELECT b.grp, count(*) FROM box b WHERE b.campaign = p_campaign GROUP BY b.grp
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION box_open(p_campaign bigint, p_from timestamptz, p_until timestamptz, p_form jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    INSERT INTO box_campaign (id, cast_from, cast_until, form) VALUES (p_campaign, p_from, p_until, p_form)
    ON CONFLICT (id) DO NOTHING
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION box_close(p_campaign bigint) RETURNS TABLE (counted bigint, replaced bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    salt text := gen_random_uuid()::text;
    n bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7241, p_campaign::integer);
    PERFORM 1 FROM box_campaign WHERE id = p_campaign AND state = 'open';
    IF FOUND THEN
        SELECT count(*) INTO n FROM box_stage WHERE campaign = p_campaign;
        INSERT INTO box (campaign, slot, grp, payload)
            SELECT campaign, slot, grp, payload FROM (
                SELECT DISTINCT ON (slot) campaign, slot, grp, payload FROM box_stage
                WHERE campaign = p_campaign ORDER BY slot, ver DESC) last
            ORDER BY sha256(slot || convert_to(salt, 'UTF8'));
        UPDATE box_campaign SET state = 'closed',
            revised = n - (SELECT count(*) FROM box WHERE campaign = p_campaign) WHERE id = p_campaign;
        DELETE FROM box_stage WHERE campaign = p_campaign;
    END IF;
    RETURN QUERY SELECT (SELECT count(*) FROM box WHERE campaign = p_campaign),
        (SELECT revised::bigint FROM box_campaign WHERE id = p_campaign);
END $$;
-- +goose StatementEnd

-- the counted payloads, for the tally; empty before the close
-- +goose StatementBegin
CREATE FUNCTION box_counted(p_campaign bigint) RETURNS TABLE (grp text, payload bytea)
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT b.grp, b.payload FROM box b JOIN box_campaign c ON c.id = b.campaign
    WHERE b.campaign = p_campaign AND c.state = 'closed'
$$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION box_cast(bigint, bytea, text, bytea, bytea), box_turnout(bigint),
    box_open(bigint, timestamptz, timestamptz, jsonb), box_close(bigint), box_counted(bigint) FROM PUBLIC;
REVOKE ALL ON box_stage, box FROM PUBLIC;
GRANT EXECUTE ON FUNCTION box_cast(bigint, bytea, text, bytea, bytea) TO pingyi_cast;
GRANT SELECT ON box_campaign TO pingyi_cast, pingyi_tally;
GRANT EXECUTE ON FUNCTION box_turnout(bigint), box_open(bigint, timestamptz, timestamptz, jsonb),
    box_close(bigint), box_counted(bigint) TO pingyi_tally;

-- +goose Down
SELECT 1;
