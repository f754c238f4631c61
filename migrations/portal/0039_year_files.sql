-- 0039_year_files.sql: year-end files as they were made.
-- +goose Up
CREATE TABLE year_files (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year    integer NOT NULL,
    parts   integer NOT NULL,
    sha256  bytea  NOT NULL,
    content bytea  NOT NULL,              -- a zip
    made_by bigint NOT NULL REFERENCES accounts,
    made_at timestamptz NOT NULL,
    idem    text   NOT NULL,
    CONSTRAINT year_files_idem_key UNIQUE (idem),
    CONSTRAINT year_files_parts CHECK (parts > 0)
);
CREATE INDEX year_files_year ON year_files (year, id);
-- +goose StatementBegin
CREATE FUNCTION year_files_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a year-end file is never changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'year_files_stay';
END $$;
-- +goose StatementEnd
CREATE TRIGGER year_files_stay BEFORE UPDATE OR DELETE ON year_files FOR EACH ROW EXECUTE FUNCTION year_files_stay();

-- +goose Down
SELECT 1;
