-- 0007_published_stays.sql: what is published cannot be changed or deleted, not
-- even by the portal's own role.
-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published result cannot be changed' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER year_results_published_stays BEFORE UPDATE OR DELETE ON year_results
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION published_stays();
-- +goose StatementBegin
CREATE FUNCTION published_standings_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM year_results r WHERE r.id = OLD.result_id AND r.state = 'published') THEN
        RAISE EXCEPTION 'a published result cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- +goose StatementEnd
CREATE TRIGGER standings_published_stay BEFORE UPDATE OR DELETE ON standings
    FOR EACH ROW EXECUTE FUNCTION published_standings_stay();

-- +goose Down
SELECT 1;
