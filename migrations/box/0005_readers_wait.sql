-- 0005_readers_wait.sql: a batch empties the stage by TRUNCATE, so that no dead
-- rows stay behind in the order of casting. TRUNCATE is seen by older snapshots,
-- too: who had begun to look before the batch was committed found a ballot
-- neither in the stage nor in the log. So readers of the stage take it with others
-- first, which waits for a batch, and look afterwards, with a snapshot of then:
-- statements of a VOLATILE function have one each.
-- +goose Up
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION box_receipt(p_hash bytea) RETURNS TABLE (leaf text, idx bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    LOCK TABLE box_stage IN ACCESS SHARE MODE;
    RETURN QUERY SELECT b.leaf, b.idx FROM box b WHERE b.hash = p_hash
        UNION ALL
        SELECT s.leaf, NULL::bigint FROM box_stage s WHERE s.hash = p_hash
        LIMIT 1;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION box_turnout(p_campaign bigint) RETURNS TABLE (grp text, ballots bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    LOCK TABLE box_stage IN ACCESS SHARE MODE;
    RETURN QUERY SELECT x.grp, count(DISTINCT x.slot) FROM (
        SELECT s.grp, s.slot FROM box_stage s WHERE s.campaign = p_campaign
        UNION ALL SELECT b.grp, b.slot FROM box b WHERE b.campaign = p_campaign) x GROUP BY x.grp;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION box_is_used(p_campaign bigint, p_slot bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    LOCK TABLE box_stage IN ACCESS SHARE MODE;
    RETURN EXISTS (SELECT FROM box WHERE campaign = p_campaign AND slot = p_slot) OR EXISTS (SELECT FROM box_stage WHERE campaign = p_campaign AND slot = p_slot);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION box_used(p_campaign bigint) RETURNS TABLE (sheet integer, used bigint, void bigint, half bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    LOCK TABLE box_stage IN ACCESS SHARE MODE;
    RETURN QUERY SELECT l.sheet,
        count(*) FILTER (WHERE EXISTS (SELECT FROM box b WHERE b.campaign = l.campaign AND b.slot = l.slot) OR EXISTS (SELECT FROM box_stage s WHERE s.campaign = l.campaign AND s.slot = l.slot)),
        count(*) FILTER (WHERE l.void),
        count(*) FILTER (WHERE EXISTS (SELECT FROM box_paper p WHERE p.campaign = l.campaign AND p.slot = l.slot))
    FROM box_slot l WHERE l.campaign = p_campaign GROUP BY l.sheet ORDER BY l.sheet;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION box_void(p_campaign bigint, p_slot bytea) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    s integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(p_slot, 'hex'), p_campaign));
    LOCK TABLE box_stage IN ACCESS SHARE MODE;
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

-- +goose Down
SELECT 1;
