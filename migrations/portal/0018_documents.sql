-- 0018_documents.sql: official documents (公文), numbered, as they went out.
-- +goose Up

-- the last number of a series in a year, locked while the next is drawn: no gap, no double
CREATE TABLE document_series (
    kind text    NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (kind, year)
);

CREATE TABLE documents (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text    NOT NULL,
    year       integer NOT NULL,
    number     integer NOT NULL,
    no         text    NOT NULL,               -- 嫩招督〔2026〕12号
    lang       text    NOT NULL DEFAULT 'zh-CN',
    title      text    NOT NULL,
    unit_id    bigint  REFERENCES units,        -- addressee: a unit,
    company_id bigint  REFERENCES companies,    -- a company,
    addressee  text    NOT NULL,                -- or as it is written
    paragraphs text[]  NOT NULL,
    organ      text    NOT NULL,
    copies     text[]  NOT NULL DEFAULT '{}',
    made_on    date    NOT NULL,
    made_at    timestamptz NOT NULL,
    issue_ref  text,                            -- what it is about
    corrects   bigint  REFERENCES documents,
    source     text    NOT NULL,                -- what it was made of; one document of each
    CONSTRAINT documents_no_key UNIQUE (no),
    CONSTRAINT documents_number_key UNIQUE (kind, year, number),
    CONSTRAINT documents_source_key UNIQUE (source),
    CONSTRAINT documents_kind_known CHECK (kind IN ('reminder', 'supervision', 'transfer', 'order', 'feedback')),
    CONSTRAINT documents_paragraphs_some CHECK (cardinality(paragraphs) > 0)
);
CREATE INDEX documents_unit ON documents (unit_id, id);
CREATE INDEX documents_company ON documents (company_id, id);
CREATE INDEX documents_issue ON documents (issue_ref);

-- +goose StatementBegin
CREATE FUNCTION documents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a document that went out is never changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'documents_stay';
END $$;
-- +goose StatementEnd
CREATE TRIGGER documents_stay BEFORE UPDATE OR DELETE ON documents FOR EACH ROW EXECUTE FUNCTION documents_stay();

-- the addressee acknowledged it
CREATE TABLE document_receipts (
    document_id bigint NOT NULL REFERENCES documents,
    account_id  bigint NOT NULL REFERENCES accounts,
    at          timestamptz NOT NULL,
    PRIMARY KEY (document_id)
);

CREATE INDEX issue_events_letters ON issue_events (at) WHERE kind IN ('remind', 'feed_back');

-- +goose Down
SELECT 1;
