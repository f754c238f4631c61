-- 0004_paper_serials.sql: the serial of a paper ballot is read by the people who
-- enter it. If it were good on the ballot host, too, one of them alone could cast
-- a later version that counts instead of what both read. So the caster refuses
-- it, and only the keeper casts it, once.
-- +goose Up
ALTER TABLE box_slot ADD COLUMN paper boolean NOT NULL DEFAULT false; -- serial of a paper ballot

DROP FUNCTION box_cast(bigint, bytea, text, boolean, bytea, text, text, bytea), box_list(bigint, integer, text, bytea[]);

-- What both ways of casting share; nobody but the owner may execute it. p_kind: "online", "envelope", "paper".
-- It answers the version and the leaf; version 0: not open, -1: a printed card that is not on the list of its kind, or was voided.
-- +goose StatementBegin
CREATE FUNCTION box_put(p_campaign bigint, p_slot bytea, p_grp text, p_kind text, p_idem bytea, p_word text, p_commit text, p_sealed bytea,
    OUT ver integer, OUT leaf text)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    h bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(p_slot, 'hex'), p_campaign));
    -- A batch and the close hold the stage alone: after this line either the ballot is before them or it sees what they did.
    LOCK TABLE box_stage IN ROW EXCLUSIVE MODE;
    SELECT s.ver, s.leaf INTO box_put.ver, box_put.leaf FROM box_stage s WHERE s.idem = p_idem;
    IF FOUND THEN
        RETURN; -- the same post again: the same ballot
    END IF;
    PERFORM 1 FROM box_campaign c WHERE c.id = p_campaign AND c.state = 'open';
    IF NOT FOUND THEN
        box_put.ver := 0;
        RETURN;
    END IF;
    IF p_kind <> 'online' THEN
        PERFORM 1 FROM box_slot l WHERE l.campaign = p_campaign AND l.slot = p_slot AND l.grp = p_grp AND l.paper = (p_kind = 'paper') AND NOT l.void;
        IF NOT FOUND THEN
            box_put.ver := -1;
            RETURN;
        END IF;
    END IF;
    SELECT 1 + greatest(
        coalesce((SELECT max(s.ver) FROM box_stage s WHERE s.campaign = p_campaign AND s.slot = p_slot), 0),
        coalesce((SELECT max(b.ver) FROM box b WHERE b.campaign = p_campaign AND b.slot = p_slot), 0)) INTO box_put.ver;
    IF p_kind = 'paper' AND box_put.ver > 1 THEN
        RAISE EXCEPTION 'the serial has been used' USING ERRCODE = 'check_violation', CONSTRAINT = 'box_paper_once';
    END IF;
    box_put.leaf := 'pingyi-ballot/v1' || E'\n' || p_campaign || E'\n' || p_grp || E'\n' || encode(p_slot, 'base64') || E'\n'
        || box_put.ver || E'\n' || p_word || E'\n' || p_commit || E'\n';
    h := sha256('\x00'::bytea || convert_to(box_put.leaf, 'UTF8'));
    INSERT INTO box_stage VALUES (p_campaign, p_slot, box_put.ver, p_grp, p_idem, box_put.leaf, h, p_sealed);
END $$;
-- +goose StatementEnd

-- the caster's first function
-- +goose StatementBegin
CREATE FUNCTION box_cast(p_campaign bigint, p_slot bytea, p_grp text, p_listed boolean, p_idem bytea, p_word text, p_commit text, p_sealed bytea,
    OUT ver integer, OUT leaf text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    SELECT p.ver, p.leaf INTO box_cast.ver, box_cast.leaf
        FROM box_put(p_campaign, p_slot, p_grp, CASE WHEN p_listed THEN 'envelope' ELSE 'online' END, p_idem, p_word, p_commit, p_sealed) p;
END $$;
-- +goose StatementEnd

-- the keeper's way: a paper ballot that two people entered
-- +goose StatementBegin
CREATE FUNCTION box_cast_paper(p_campaign bigint, p_slot bytea, p_grp text, p_idem bytea, p_word text, p_commit text, p_sealed bytea,
    OUT ver integer, OUT leaf text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    SELECT p.ver, p.leaf INTO box_cast_paper.ver, box_cast_paper.leaf
        FROM box_put(p_campaign, p_slot, p_grp, 'paper', p_idem, p_word, p_commit, p_sealed) p;
END $$;
-- +goose StatementEnd

-- slots of a printing; only before the campaign is announced to the box
-- +goose StatementBegin
CREATE FUNCTION box_list(p_campaign bigint, p_sheet integer, p_grp text, p_paper boolean, p_slots bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM box_campaign WHERE id = p_campaign) THEN
        RAISE EXCEPTION 'the list of printed cards is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'box_list_before_opening';
    END IF;
    INSERT INTO box_slot (campaign, slot, grp, sheet, paper) SELECT p_campaign, x, p_grp, p_sheet, p_paper FROM unnest(p_slots) AS x ORDER BY x;
END $$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION box_put(bigint, bytea, text, text, bytea, text, text, bytea), box_cast(bigint, bytea, text, boolean, bytea, text, text, bytea),
    box_cast_paper(bigint, bytea, text, bytea, text, text, bytea), box_list(bigint, integer, text, boolean, bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION box_cast(bigint, bytea, text, boolean, bytea, text, text, bytea) TO pingyi_cast;
GRANT EXECUTE ON FUNCTION box_cast_paper(bigint, bytea, text, bytea, text, text, bytea), box_list(bigint, integer, text, boolean, bytea[]) TO pingyi_tally;

-- +goose Down
SELECT 1;
