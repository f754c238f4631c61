-- 0002_record.sql: the audit log, append-only, a hash chain serialised by one
-- head row. The run-time role can append through one function and change nothing.
-- +goose Up
CREATE TABLE audit (
    seq    bigint      PRIMARY KEY,
    at     timestamptz NOT NULL,
    actor  bigint,                            -- account, null for the portal itself
    role   text        NOT NULL,
    action text        NOT NULL,
    object text        NOT NULL,
    detail jsonb       NOT NULL DEFAULT '{}',
    prev   bytea       NOT NULL,
    hash   bytea       NOT NULL
);
CREATE INDEX audit_object ON audit (object);
CREATE TABLE audit_head (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq  bigint  NOT NULL,
    hash bytea   NOT NULL
);
INSERT INTO audit_head (seq, hash) VALUES (0, sha256('pingyi/audit/v1'));

-- +goose StatementBegin
CREATE FUNCTION audit_append(p_actor bigint, p_role text, p_action text, p_object text, p_detail jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    head audit_head%ROWTYPE;
    n    bigint;
    t    timestamptz := date_trunc('microseconds', clock_timestamp());
    h    bytea;
BEGIN
    SELECT * INTO head FROM audit_head WHERE one FOR UPDATE; -- always there, so it serialises writers
    n := head.seq + 1;
    h := sha256(head.hash || convert_to(jsonb_build_array(n, (extract(epoch FROM t) * 1000000)::bigint,
        p_actor, p_role, p_action, p_object, p_detail)::text, 'UTF8'));
    INSERT INTO audit VALUES (n, t, p_actor, p_role, p_action, p_object, p_detail, head.hash, h);
    UPDATE audit_head SET seq = n, hash = h WHERE one;
    RETURN n;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
REVOKE ALL ON audit, audit_head FROM pingyi_app;
GRANT SELECT ON audit TO pingyi_app;
REVOKE ALL ON FUNCTION audit_append(bigint, text, text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_append(bigint, text, text, text, jsonb) TO pingyi_app;

-- +goose Down
SELECT 1;
