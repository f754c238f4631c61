-- 0003_paper.sql: paper ballots are entered twice. The first entry waits here,
-- encrypted under a key that comes from the serial of the paper ballot itself:
-- without the paper nobody can read it.
-- +goose Up
CREATE TABLE box_paper (
    campaign bigint NOT NULL,
    slot     bytea  NOT NULL,
    mark     bytea  NOT NULL,                 -- tells whether the same person enters again, and nothing else
    sealed   bytea  NOT NULL,
    PRIMARY KEY (campaign, slot)
);

-- +goose StatementBegin
CREATE FUNCTION box_paper_put(p_campaign bigint, p_slot bytea, p_mark bytea, p_sealed bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM 1 FROM box_campaign WHERE id = p_campaign AND state = 'open';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO box_paper VALUES (p_campaign, p_slot, p_mark, p_sealed)
        ON CONFLICT (campaign, slot) DO UPDATE SET sealed = excluded.sealed WHERE box_paper.mark = excluded.mark;
    RETURN FOUND;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION box_paper_get(p_campaign bigint, p_slot bytea) RETURNS TABLE (mark bytea, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT p.mark, p.sealed FROM box_paper p WHERE p.campaign = p_campaign AND p.slot = p_slot
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION box_paper_done(p_campaign bigint, p_slot bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    DELETE FROM box_paper WHERE campaign = p_campaign AND slot = p_slot
$$;
-- +goose StatementEnd

-- printed cards by printing: used, voided, entered once and waiting for the second entry
-- +goose StatementBegin
CREATE FUNCTION box_used(p_campaign bigint) RETURNS TABLE (sheet integer, used bigint, void bigint, half bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT l.sheet,
        count(*) FILTER (WHERE EXISTS (SELECT FROM box b WHERE b.campaign = l.campaign AND b.slot = l.slot) OR EXISTS (SELECT FROM box_stage s WHERE s.campaign = l.campaign AND s.slot = l.slot)),
        count(*) FILTER (WHERE l.void),
        count(*) FILTER (WHERE EXISTS (SELECT FROM box_paper p WHERE p.campaign = l.campaign AND p.slot = l.slot))
    FROM box_slot l WHERE l.campaign = p_campaign GROUP BY l.sheet ORDER BY l.sheet
$$;
-- +goose StatementEnd
-- whether a card has been used
-- +goose StatementBegin
CREATE FUNCTION box_is_used(p_campaign bigint, p_slot bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (SELECT FROM box WHERE campaign = p_campaign AND slot = p_slot) OR EXISTS (SELECT FROM box_stage WHERE campaign = p_campaign AND slot = p_slot)
$$;
-- +goose StatementEnd
-- voids what is left of a printing; answers how many
-- +goose StatementBegin
CREATE FUNCTION box_void_rest(p_campaign bigint, p_sheet integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    n integer;
BEGIN
    LOCK TABLE box_stage IN ACCESS EXCLUSIVE MODE;
    UPDATE box_slot l SET void = true WHERE l.campaign = p_campaign AND l.sheet = p_sheet AND NOT l.void
        AND NOT EXISTS (SELECT FROM box b WHERE b.campaign = l.campaign AND b.slot = l.slot)
        AND NOT EXISTS (SELECT FROM box_stage s WHERE s.campaign = l.campaign AND s.slot = l.slot);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;
-- +goose StatementEnd
REVOKE ALL ON box_paper FROM PUBLIC, pingyi_cast, pingyi_tally;
REVOKE ALL ON FUNCTION box_paper_put(bigint, bytea, bytea, bytea), box_paper_get(bigint, bytea), box_paper_done(bigint, bytea), box_used(bigint), box_is_used(bigint, bytea), box_void_rest(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION box_paper_put(bigint, bytea, bytea, bytea), box_paper_get(bigint, bytea), box_paper_done(bigint, bytea), box_used(bigint), box_is_used(bigint, bytea), box_void_rest(bigint, integer) TO pingyi_tally;

-- +goose Down
SELECT 1;
