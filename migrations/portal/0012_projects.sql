-- 0012_projects.sql: projects, and who is responsible for a key project (重点项目).
-- +goose Up

CREATE TABLE projects (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no          text    NOT NULL,             -- as the county numbers them
    name_zh     text    NOT NULL,
    name_en     text    NOT NULL,
    name_ru     text    NOT NULL,
    company_id  bigint  REFERENCES companies, -- null: the investor has no company in the county yet
    investor    text    NOT NULL DEFAULT '',  -- as the contract names it
    area        text    NOT NULL,             -- code of an area: county, jiusan
    class       text    NOT NULL,             -- code of a class: industry, infrastructure, other
    state       text    NOT NULL,
    is_key      boolean NOT NULL DEFAULT false,
    leading_org text    NOT NULL DEFAULT '',  -- the organisation set up for a key project
    version     integer NOT NULL DEFAULT 1,   -- grows with each change: who saves over another is told
    idem        text    NOT NULL,
    entered_by  bigint  REFERENCES accounts,
    entered_at  timestamptz NOT NULL,
    CONSTRAINT projects_no_key UNIQUE (no),
    CONSTRAINT projects_idem_key UNIQUE (idem),
    CONSTRAINT projects_area_form CHECK (area ~ '^[a-z]+$'),
    CONSTRAINT projects_class_form CHECK (class ~ '^[a-z]+$'),
    CONSTRAINT projects_state_known CHECK (state IN ('intention', 'agreement', 'contract', 'building', 'production', 'ended')),
    CONSTRAINT projects_investor_or_company CHECK (company_id IS NOT NULL OR investor <> ''),
    CONSTRAINT projects_key_has_leading_org CHECK (NOT is_key OR leading_org <> '')
);
CREATE INDEX projects_company ON projects (company_id);

-- the responsible person (责任人), one after the other: at most one at any time
CREATE TABLE project_persons (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint NOT NULL REFERENCES projects,
    name       text   NOT NULL,
    post       text   NOT NULL,               -- position and unit
    phone      text   NOT NULL DEFAULT '',
    from_at    timestamptz NOT NULL,
    until_at   timestamptz,
    set_by     bigint REFERENCES accounts,
    CONSTRAINT project_persons_order CHECK (until_at IS NULL OR until_at >= from_at)
);
CREATE UNIQUE INDEX project_persons_one ON project_persons (project_id) WHERE until_at IS NULL;

-- a key project has exactly one responsible person whenever a transaction ends
-- +goose StatementBegin
CREATE FUNCTION key_project_has_person() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    p bigint;
BEGIN
    IF TG_TABLE_NAME = 'projects' THEN p := NEW.id; ELSE p := NEW.project_id; END IF;
    IF EXISTS (SELECT FROM projects WHERE id = p AND is_key)
        AND NOT EXISTS (SELECT FROM project_persons WHERE project_id = p AND until_at IS NULL) THEN
        RAISE EXCEPTION 'a key project needs a responsible person' USING ERRCODE = 'check_violation', CONSTRAINT = 'projects_key_has_person';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER projects_key_has_person AFTER INSERT OR UPDATE ON projects
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION key_project_has_person();
CREATE CONSTRAINT TRIGGER project_persons_key_has_person AFTER INSERT OR UPDATE ON project_persons
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION key_project_has_person();

-- +goose Down
SELECT 1;
