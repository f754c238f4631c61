-- 0030_policies.sql: the library of policies for investors, by versions that stay; a
-- promise may rest on a clause of it.
-- +goose Up
CREATE TABLE policies (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref          text   NOT NULL,              -- YH-2026-004
    last_version integer NOT NULL,
    idem         text   NOT NULL,
    CONSTRAINT policies_ref_key UNIQUE (ref),
    CONSTRAINT policies_idem_key UNIQUE (idem)
);
CREATE TABLE policy_versions (
    policy_id  bigint  NOT NULL REFERENCES policies,
    version    integer NOT NULL,               -- from 1
    unit_id    bigint  NOT NULL REFERENCES units, -- that carries it out
    clause     text    NOT NULL,               -- document number and article, as cited
    title_zh   text    NOT NULL,
    title_en   text    NOT NULL,
    title_ru   text    NOT NULL,
    summary_zh text    NOT NULL,
    summary_en text    NOT NULL,
    summary_ru text    NOT NULL,
    text_zh    text    NOT NULL,               -- binding
    text_en    text    NOT NULL DEFAULT '',    -- translations, where there are
    text_ru    text    NOT NULL DEFAULT '',
    from_on    date    NOT NULL,
    until_on   date,                           -- last day; null: until changed
    note       text    NOT NULL DEFAULT '',    -- what is different from the version before
    made_by    bigint  NOT NULL REFERENCES accounts,
    made_at    timestamptz NOT NULL,
    idem       text    NOT NULL,
    grams      tsvector GENERATED ALWAYS AS (bigrams(clause || ' ' || title_zh || ' ' || title_en || ' ' || title_ru || ' ' || summary_zh || ' ' || summary_en || ' ' || summary_ru || ' ' || text_zh || ' ' || text_en || ' ' || text_ru)) STORED,
    PRIMARY KEY (policy_id, version),
    CONSTRAINT policy_versions_idem_key UNIQUE (idem),
    CONSTRAINT policy_versions_worded CHECK (clause <> '' AND title_zh <> '' AND title_en <> '' AND title_ru <> '' AND summary_zh <> '' AND summary_en <> '' AND summary_ru <> '' AND text_zh <> ''),
    CONSTRAINT policy_versions_order CHECK (until_on IS NULL OR until_on >= from_on),
    CONSTRAINT policy_versions_said CHECK (version = 1 OR note <> '')
);
CREATE INDEX policy_versions_grams ON policy_versions USING gin (grams);
ALTER TABLE policies ADD CONSTRAINT policies_last FOREIGN KEY (id, last_version) REFERENCES policy_versions (policy_id, version) DEFERRABLE INITIALLY DEFERRED;
-- +goose StatementBegin
CREATE FUNCTION policy_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of a policy cannot be changed' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER policy_versions_stay BEFORE UPDATE OR DELETE ON policy_versions FOR EACH ROW EXECUTE FUNCTION policy_version_stays();

ALTER TABLE promises ADD COLUMN policy_id bigint, ADD COLUMN policy_version integer,
    ADD CONSTRAINT promises_policy FOREIGN KEY (policy_id, policy_version) REFERENCES policy_versions (policy_id, version),
    ADD CONSTRAINT promises_policy_whole CHECK ((policy_id IS NULL) = (policy_version IS NULL));

-- +goose Down
SELECT 1;
