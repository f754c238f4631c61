-- 0009_audit_checkpoints.sql: a Merkle tree over the audit log, with signed
-- checkpoints that are copied out. The chain alone does not show that its tail was
-- cut off, or that a superuser wrote it anew.
-- +goose Up
CREATE TABLE audit_node (
    i bigint PRIMARY KEY,                     -- as tlog stores hashes
    h bytea  NOT NULL
);
CREATE TABLE audit_checkpoint (
    size bigint PRIMARY KEY,
    note text NOT NULL,                       -- signed
    at   timestamptz NOT NULL
);
CREATE INDEX audit_at ON audit (at);

-- +goose StatementBegin
CREATE FUNCTION audit_checkpoint_add(p_before bigint, p_first_node bigint, p_nodes bytea[], p_size bigint, p_note text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    n bigint;
BEGIN
    SELECT coalesce(max(size), 0) INTO n FROM audit_checkpoint;
    IF n <> p_before THEN
        RAISE EXCEPTION 'the last checkpoint is at %, not %', n, p_before;
    END IF;
    SELECT count(*) INTO n FROM audit_node;
    IF n <> p_first_node THEN
        RAISE EXCEPTION 'the tree has % hashes, not %', n, p_first_node;
    END IF;
    INSERT INTO audit_node (i, h) SELECT p_first_node + o - 1, v FROM unnest(p_nodes) WITH ORDINALITY AS x (v, o);
    INSERT INTO audit_checkpoint VALUES (p_size, p_note, p_at);
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_node_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_node FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_checkpoint_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
REVOKE ALL ON audit_node, audit_checkpoint FROM pingyi_app;
GRANT SELECT ON audit_node, audit_checkpoint, audit_head TO pingyi_app;
REVOKE ALL ON FUNCTION audit_checkpoint_add(bigint, bigint, bytea[], bigint, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_checkpoint_add(bigint, bigint, bytea[], bigint, text, timestamptz) TO pingyi_app;

-- +goose Down
SELECT 1;
