-- 0019_appeal_files.sql: documents that go with an appeal.
-- +goose Up
CREATE TABLE appeal_files (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    appeal_id bigint  NOT NULL REFERENCES appeals,
    name      text    NOT NULL,
    type      text    NOT NULL,
    size      integer NOT NULL,
    sha256    bytea   NOT NULL,
    content   bytea   NOT NULL,
    CONSTRAINT appeal_files_type_known CHECK (type IN ('application/pdf', 'image/jpeg', 'image/png')),
    CONSTRAINT appeal_files_size CHECK (size BETWEEN 1 AND 10485760)
);
CREATE INDEX appeal_files_appeal ON appeal_files (appeal_id);

-- +goose Down
SELECT 1;
