-- 0002_sealed.sql: ballots are sealed to a campaign's tally key and written into
-- a Merkle log. A ballot waits in the stage until the next batch, which writes the
-- waiting ones in the order of their leaf hashes. The caster may execute two
-- functions and read nothing; the keeper of the log may read what is sealed or
-- public, append, and change nothing.
-- +goose Up

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM box_campaign WHERE state = 'open') THEN
        RAISE EXCEPTION 'a campaign is running in the earlier form of the box: close and count it with the earlier version of the program first (for a demo county: remove the data folder)';
    END IF;
END $$;
-- +goose StatementEnd
DROP FUNCTION box_cast(bigint, bytea, text, bytea, bytea), box_turnout(bigint),
    box_open(bigint, timestamptz, timestamptz, jsonb), box_close(bigint), box_counted(bigint);
DROP TABLE box_stage, box; -- campaigns of the earlier form are counted; their single ballots are not kept

ALTER TABLE box_campaign
    ADD COLUMN tally_key jsonb,               -- public part of the key the ballots are sealed to
    ADD COLUMN origin    text NOT NULL DEFAULT '',
    ADD COLUMN log_key   text NOT NULL DEFAULT '', -- public key of the log
    ADD COLUMN counted   integer,             -- size of the counted set
    ADD COLUMN counted_note text;             -- the counted set, signed

-- slots of printed cards: only these are good in envelopes and on paper. Written before opening.
CREATE TABLE box_slot (
    campaign bigint  NOT NULL,
    slot     bytea   NOT NULL,
    grp      text    NOT NULL,
    sheet    integer NOT NULL,                -- which printing it belongs to
    void     boolean NOT NULL DEFAULT false,  -- left over or spoiled: voided in public
    PRIMARY KEY (campaign, slot)
);
-- ballots that wait for the next batch
CREATE TABLE box_stage (
    campaign bigint  NOT NULL,
    slot     bytea   NOT NULL,
    ver      integer NOT NULL,
    grp      text    NOT NULL,
    idem     bytea   NOT NULL,
    leaf     text    NOT NULL,
    hash     bytea   NOT NULL,                -- RFC 6962 hash of the leaf
    sealed   bytea   NOT NULL,
    PRIMARY KEY (campaign, slot, ver),
    CONSTRAINT box_stage_idem_key UNIQUE (idem),
    CONSTRAINT box_stage_hash_key UNIQUE (hash)
);
-- ballots of the log, every version
CREATE TABLE box (
    campaign bigint  NOT NULL,
    idx      bigint  NOT NULL,                -- place in the log
    slot     bytea   NOT NULL,
    ver      integer NOT NULL,
    grp      text    NOT NULL,
    leaf     text    NOT NULL,
    hash     bytea   NOT NULL,
    sealed   bytea   NOT NULL,
    PRIMARY KEY (campaign, idx),
    CONSTRAINT box_version_key UNIQUE (campaign, slot, ver),
    CONSTRAINT box_hash_key UNIQUE (hash)
);
-- hashes of the tree, in the order in which tlog stores them
CREATE TABLE box_node (
    campaign bigint NOT NULL,
    i        bigint NOT NULL,
    h        bytea  NOT NULL,
    PRIMARY KEY (campaign, i)
);
CREATE TABLE box_checkpoint (
    campaign bigint NOT NULL,
    size     bigint NOT NULL,
    note     text   NOT NULL,                 -- signed
    PRIMARY KEY (campaign, size)
);

-- +goose StatementBegin
CREATE FUNCTION box_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of ballots is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER box_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON box FOR EACH STATEMENT EXECUTE FUNCTION box_refuse();
CREATE TRIGGER box_node_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON box_node FOR EACH STATEMENT EXECUTE FUNCTION box_refuse();
CREATE TRIGGER box_checkpoint_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON box_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION box_refuse();

-- The caster's first function. It answers the version and the leaf; version 0: not
-- open, -1: a printed card that is not on the list or was voided.
-- +goose StatementBegin
CREATE FUNCTION box_cast(p_campaign bigint, p_slot bytea, p_grp text, p_listed boolean, p_idem bytea, p_word text, p_commit text, p_sealed bytea,
    OUT ver integer, OUT leaf text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    h bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(p_slot, 'hex'), p_campaign));
    -- A batch and the close hold the stage alone: after this line either the ballot is before them or it sees what they did.
    LOCK TABLE box_stage IN ROW EXCLUSIVE MODE;
    SELECT s.ver, s.leaf INTO box_cast.ver, box_cast.leaf FROM box_stage s WHERE s.idem = p_idem;
    IF FOUND THEN
        RETURN; -- the same post again: the same ballot
    END IF;
    PERFORM 1 FROM box_campaign c WHERE c.id = p_campaign AND c.state = 'open';
    IF NOT FOUND THEN
        box_cast.ver := 0;
        RETURN;
    END IF;
    IF p_listed THEN
        PERFORM 1 FROM box_slot l WHERE l.campaign = p_campaign AND l.slot = p_slot AND l.grp = p_grp AND NOT l.void;
        IF NOT FOUND THEN
            box_cast.ver := -1;
            RETURN;
        END IF;
    END IF;
    SELECT 1 + greatest(
        coalesce((SELECT max(s.ver) FROM box_stage s WHERE s.campaign = p_campaign AND s.slot = p_slot), 0),
        coalesce((SELECT max(b.ver) FROM box b WHERE b.campaign = p_campaign AND b.slot = p_slot), 0)) INTO box_cast.ver;
    box_cast.leaf := 'pingyi-ballot/v1' || E'\n' || p_campaign || E'\n' || p_grp || E'\n' || encode(p_slot, 'base64') || E'\n'
        || box_cast.ver || E'\n' || p_word || E'\n' || p_commit || E'\n';
    h := sha256('\x00'::bytea || convert_to(box_cast.leaf, 'UTF8'));
    INSERT INTO box_stage VALUES (p_campaign, p_slot, box_cast.ver, p_grp, p_idem, box_cast.leaf, h, p_sealed);
END $$;
-- +goose StatementEnd

-- The caster's second function: the leaf of a hash, for the receipt page, and its place once it is in the log.
-- +goose StatementBegin
CREATE FUNCTION box_receipt(p_hash bytea) RETURNS TABLE (leaf text, idx bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT b.leaf, b.idx FROM box b WHERE b.hash = p_hash
    UNION ALL
    SELECT s.leaf, NULL::bigint FROM box_stage s WHERE s.hash = p_hash
    LIMIT 1
$$;
-- +goose StatementEnd

-- how many cards have been used, by group: all that anybody may know before the close
-- +goose StatementBegin
CREATE FUNCTION box_turnout(p_campaign bigint) RETURNS TABLE (grp text, ballots bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT x.grp, count(DISTINCT x.slot) FROM (
        SELECT s.grp, s.slot FROM box_stage s WHERE s.campaign = p_campaign
        UNION ALL SELECT b.grp, b.slot FROM box b WHERE b.campaign = p_campaign) x GROUP BY x.grp
$$;
-- +goose StatementEnd

-- how many ballots wait, by campaign
-- +goose StatementBegin
CREATE FUNCTION box_waiting() RETURNS TABLE (campaign bigint, waiting bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT s.campaign, count(*) FROM box_stage s GROUP BY s.campaign
$$;
-- +goose StatementEnd

-- takes the stage alone and lists what waits, in the order of the leaf hashes
-- +goose StatementBegin
CREATE FUNCTION box_take(p_campaign bigint) RETURNS TABLE (hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    LOCK TABLE box_stage IN ACCESS EXCLUSIVE MODE;
    RETURN QUERY SELECT s.hash FROM box_stage s WHERE s.campaign = p_campaign ORDER BY s.hash;
END $$;
-- +goose StatementEnd

-- writes a batch: the waiting ballots, the hashes of the tree, the checkpoint; empties the stage
-- +goose StatementBegin
CREATE FUNCTION box_integrate(p_campaign bigint, p_size bigint, p_first_node bigint, p_nodes bytea[], p_new_size bigint, p_note text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    n bigint;
BEGIN
    LOCK TABLE box_stage IN ACCESS EXCLUSIVE MODE;
    SELECT count(*) INTO n FROM box b WHERE b.campaign = p_campaign;
    IF n <> p_size THEN
        RAISE EXCEPTION 'the log has % leaves, not %', n, p_size;
    END IF;
    SELECT count(*) INTO n FROM box_node b WHERE b.campaign = p_campaign;
    IF n <> p_first_node THEN
        RAISE EXCEPTION 'the tree has % hashes, not %', n, p_first_node;
    END IF;
    INSERT INTO box (campaign, idx, slot, ver, grp, leaf, hash, sealed)
        SELECT s.campaign, p_size - 1 + row_number() OVER (ORDER BY s.hash), s.slot, s.ver, s.grp, s.leaf, s.hash, s.sealed
        FROM box_stage s WHERE s.campaign = p_campaign ORDER BY s.hash;
    SELECT count(*) INTO n FROM box b WHERE b.campaign = p_campaign;
    IF n <> p_new_size THEN
        RAISE EXCEPTION 'the batch makes % leaves, not %', n, p_new_size;
    END IF;
    INSERT INTO box_node (campaign, i, h) SELECT p_campaign, p_first_node + o - 1, v FROM unnest(p_nodes) WITH ORDINALITY AS x (v, o);
    INSERT INTO box_checkpoint (campaign, size, note) VALUES (p_campaign, p_new_size, p_note);
    DELETE FROM box_stage WHERE campaign = p_campaign;
    IF NOT EXISTS (SELECT FROM box_stage) THEN
        TRUNCATE box_stage; -- no dead rows stay behind in the order of casting
    END IF;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION box_open(p_campaign bigint, p_from timestamptz, p_until timestamptz, p_form jsonb, p_tally_key jsonb, p_origin text, p_log_key text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    INSERT INTO box_campaign (id, cast_from, cast_until, form, tally_key, origin, log_key)
    VALUES (p_campaign, p_from, p_until, p_form, p_tally_key, p_origin, p_log_key)
    ON CONFLICT (id) DO NOTHING
$$;
-- +goose StatementEnd

-- slots of a printing; only before the campaign is announced to the box
-- +goose StatementBegin
CREATE FUNCTION box_list(p_campaign bigint, p_sheet integer, p_grp text, p_slots bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM box_campaign WHERE id = p_campaign) THEN
        RAISE EXCEPTION 'the list of printed cards is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'box_list_before_opening';
    END IF;
    INSERT INTO box_slot (campaign, slot, grp, sheet) SELECT p_campaign, x, p_grp, p_sheet FROM unnest(p_slots) AS x ORDER BY x;
END $$;
-- +goose StatementEnd

-- forgets a printing that was not used; only before the campaign is announced to the box
-- +goose StatementBegin
CREATE FUNCTION box_unlist(p_campaign bigint, p_sheet integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM box_campaign WHERE id = p_campaign) THEN
        RAISE EXCEPTION 'the list of printed cards is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'box_list_before_opening';
    END IF;
    DELETE FROM box_slot WHERE campaign = p_campaign AND sheet = p_sheet;
END $$;
-- +goose StatementEnd

-- voids a printed card that was left over; answers its printing, 0: not on the list, -1: it has been used
-- +goose StatementBegin
CREATE FUNCTION box_void(p_campaign bigint, p_slot bytea) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    s integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(p_slot, 'hex'), p_campaign));
    PERFORM 1 FROM box_campaign WHERE id = p_campaign AND state = 'open';
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    IF EXISTS (SELECT FROM box_stage WHERE campaign = p_campaign AND slot = p_slot)
        OR EXISTS (SELECT FROM box WHERE campaign = p_campaign AND slot = p_slot) THEN
        RETURN -1;
    END IF;
    UPDATE box_slot SET void = true WHERE campaign = p_campaign AND slot = p_slot RETURNING sheet INTO s;
    RETURN coalesce(s, 0);
END $$;
-- +goose StatementEnd

-- the close: nothing may wait any more; the counted set is written down, signed
-- +goose StatementBegin
CREATE FUNCTION box_close(p_campaign bigint, p_counted integer, p_note text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    LOCK TABLE box_stage IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM box_stage WHERE campaign = p_campaign) THEN
        RAISE EXCEPTION 'ballots still wait';
    END IF;
    UPDATE box_campaign SET state = 'closed', counted = p_counted, counted_note = p_note,
        revised = (SELECT count(*) FROM box WHERE campaign = p_campaign) - p_counted
    WHERE id = p_campaign AND state = 'open';
END $$;
-- +goose StatementEnd

REVOKE ALL ON box_stage, box, box_node, box_checkpoint, box_slot, box_campaign FROM PUBLIC, pingyi_cast, pingyi_tally;
REVOKE ALL ON FUNCTION box_cast(bigint, bytea, text, boolean, bytea, text, text, bytea), box_receipt(bytea), box_turnout(bigint), box_waiting(), box_take(bigint),
    box_integrate(bigint, bigint, bigint, bytea[], bigint, text), box_open(bigint, timestamptz, timestamptz, jsonb, jsonb, text, text),
    box_list(bigint, integer, text, bytea[]), box_unlist(bigint, integer), box_void(bigint, bytea), box_close(bigint, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION box_cast(bigint, bytea, text, boolean, bytea, text, text, bytea), box_receipt(bytea) TO pingyi_cast;
GRANT SELECT ON box_campaign, box, box_node, box_checkpoint, box_slot TO pingyi_tally;
GRANT EXECUTE ON FUNCTION box_turnout(bigint), box_waiting(), box_take(bigint), box_integrate(bigint, bigint, bigint, bytea[], bigint, text),
    box_open(bigint, timestamptz, timestamptz, jsonb, jsonb, text, text), box_list(bigint, integer, text, bytea[]), box_unlist(bigint, integer),
    box_void(bigint, bytea), box_close(bigint, integer, text) TO pingyi_tally;

-- +goose Down
SELECT 1;
