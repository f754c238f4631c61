-- 0001_org.sql: who takes part. Units and their heads, companies, the bodies of
-- the county (offices, leading group, chamber, supervision), accounts, sessions.
-- +goose Up
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pingyi_app;
ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO pingyi_app;

CREATE TABLE units (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text     NOT NULL,           -- D21, T03; lower case in addresses
    class       smallint NOT NULL,           -- 1 approval .. 5 townships; ranked apart
    name_zh     text     NOT NULL,
    name_en     text     NOT NULL,
    name_ru     text     NOT NULL,
    short_zh    text     NOT NULL DEFAULT '',
    duties_zh   text     NOT NULL DEFAULT '', -- one line: what an investor comes here for
    duties_en   text     NOT NULL DEFAULT '',
    duties_ru   text     NOT NULL DEFAULT '',
    window_zh   text     NOT NULL DEFAULT '', -- address, hours and telephone of the service window
    superior_id bigint   REFERENCES units,
    active      boolean  NOT NULL DEFAULT true,
    CONSTRAINT units_code_key UNIQUE (code),
    CONSTRAINT units_code_form CHECK (code ~ '^[A-Z][0-9]{2,3}$'),
    CONSTRAINT units_class_known CHECK (class BETWEEN 1 AND 5),
    CONSTRAINT units_named CHECK (name_zh <> '' AND name_en <> '' AND name_ru <> ''),
    CONSTRAINT units_not_own_superior CHECK (superior_id IS DISTINCT FROM id)
);

CREATE TABLE companies (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    licence      text    NOT NULL,            -- unified social credit code, 18 characters
    name_zh      text    NOT NULL,
    name_en      text    NOT NULL DEFAULT '',
    name_ru      text    NOT NULL DEFAULT '',
    origin       text    NOT NULL,            -- where the investor comes from
    sector       text    NOT NULL,
    rater_group  text    NOT NULL,            -- G1 outside investor, G2 local above scale, '' takes no part
    township     text    NOT NULL DEFAULT '',
    head_name    text    NOT NULL DEFAULT '',
    phone        text    NOT NULL DEFAULT '',
    email        text    NOT NULL DEFAULT '',
    contact_unit_id bigint REFERENCES units,
    active       boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL,
    CONSTRAINT companies_licence_key UNIQUE (licence),
    CONSTRAINT companies_licence_form CHECK (licence ~ '^[0-9A-Z]{18}$'),
    CONSTRAINT companies_named CHECK (name_zh <> ''),
    CONSTRAINT companies_origin_known CHECK (origin IN ('local', 'county_outside', 'province_outside', 'foreign', 'russia')),
    CONSTRAINT companies_group_known CHECK (rater_group IN ('', 'G1', 'G2'))
);
CREATE INDEX companies_name ON companies (name_zh);

CREATE TABLE bodies (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind    text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    name_ru text NOT NULL,
    CONSTRAINT bodies_kind_key UNIQUE (kind),
    CONSTRAINT bodies_kind_known CHECK (kind IN ('party_office', 'government_office', 'leading_group', 'supervision', 'chamber', 'operator', 'invited'))
);
INSERT INTO bodies (kind, name_zh, name_en, name_ru) VALUES
    ('party_office', '县委办公室', 'County Party Committee Office', 'Канцелярия уездного комитета партии'),
    ('government_office', '县政府办公室', 'County Government Office', 'Канцелярия уездного правительства'),
    ('leading_group', '招商引资领导小组', 'Investment-Promotion Leadership Group', 'Руководящая группа по привлечению инвестиций'),
    ('supervision', '县督查室', 'Supervision Office', 'Служба контроля исполнения'),
    ('chamber', '外来投资者商会', 'Chamber of Outside Investors', 'Палата внешних инвесторов'),
    ('operator', '平台运行维护', 'Portal Operations', 'Администрирование портала'),
    ('invited', '特邀监督员', 'Invited Supervisors', 'Общественные наблюдатели');

CREATE TABLE accounts (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login         text    NOT NULL,           -- lower case
    name          text    NOT NULL,           -- as the person wants to be called
    role          text    NOT NULL,
    company_id    bigint  REFERENCES companies,
    unit_id       bigint  REFERENCES units,
    body_id       bigint  REFERENCES bodies,
    lang          text    NOT NULL DEFAULT 'zh-CN',
    large_text    boolean NOT NULL DEFAULT false,
    phone         text    NOT NULL DEFAULT '',
    email         text    NOT NULL DEFAULT '',
    password_hash text    NOT NULL DEFAULT '', -- argon2id; empty until activated
    demo_password text    NOT NULL DEFAULT '', -- only in a demo database, see demo_county
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL,
    CONSTRAINT accounts_login_key UNIQUE (login),
    CONSTRAINT accounts_login_form CHECK (login ~ '^[a-z0-9][a-z0-9._@-]{2,63}$'),
    CONSTRAINT accounts_lang_known CHECK (lang IN ('zh-CN', 'en', 'ru')),
    CONSTRAINT accounts_role_known CHECK (role IN ('company', 'chamber', 'head', 'officer', 'leader', 'receiver',
        'supervision', 'clerk', 'campaign_admin', 'operator', 'invited')),
    -- an account belongs to exactly one organisation, of the kind its role needs
    CONSTRAINT accounts_one_home CHECK (
        (role = 'company' AND company_id IS NOT NULL AND unit_id IS NULL AND body_id IS NULL) OR
        (role IN ('head', 'officer') AND unit_id IS NOT NULL AND company_id IS NULL AND body_id IS NULL) OR
        (role IN ('chamber', 'receiver', 'supervision', 'clerk', 'campaign_admin', 'operator', 'invited')
            AND body_id IS NOT NULL AND company_id IS NULL AND unit_id IS NULL) OR
        -- a leading-group member may head a unit: unit_id then names the unit he must not score
        (role = 'leader' AND body_id IS NOT NULL AND company_id IS NULL))
);
CREATE INDEX accounts_company ON accounts (company_id) WHERE company_id IS NOT NULL;
CREATE INDEX accounts_unit ON accounts (unit_id) WHERE unit_id IS NOT NULL;

-- exactly one person of a company at a time answers for its appraisal (collects the card)
CREATE TABLE company_raters (
    company_id bigint PRIMARY KEY REFERENCES companies,
    account_id bigint NOT NULL REFERENCES accounts
);

-- 一把手: one current head of a unit at any time; the past stays readable
CREATE TABLE unit_heads (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_id    bigint NOT NULL REFERENCES units,
    name       text   NOT NULL,
    account_id bigint REFERENCES accounts,
    from_on    date   NOT NULL,
    until_on   date,
    CONSTRAINT unit_heads_order CHECK (until_on IS NULL OR until_on >= from_on)
);
CREATE UNIQUE INDEX unit_heads_one_current ON unit_heads (unit_id) WHERE until_on IS NULL;

-- dated membership of a person in a body; post says what he may sign
CREATE TABLE memberships (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body_id    bigint NOT NULL REFERENCES bodies,
    account_id bigint NOT NULL REFERENCES accounts,
    post       text   NOT NULL,
    from_on    date   NOT NULL,
    until_on   date,
    CONSTRAINT memberships_post_known CHECK (post IN ('chair', 'deputy', 'member', 'officer')),
    CONSTRAINT memberships_order CHECK (until_on IS NULL OR until_on >= from_on)
);
CREATE UNIQUE INDEX memberships_one_current ON memberships (body_id, account_id) WHERE until_on IS NULL;

CREATE TABLE chamber_members (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES companies,
    from_on    date   NOT NULL,
    until_on   date
);
CREATE UNIQUE INDEX chamber_members_one_current ON chamber_members (company_id) WHERE until_on IS NULL;

-- a code handed over on paper opens an account once
CREATE TABLE activations (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts,
    code_hash  bytea  NOT NULL,               -- SHA-256 of 120 random bits
    made_by    bigint REFERENCES accounts,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz,
    CONSTRAINT activations_code_key UNIQUE (code_hash)
);
CREATE UNIQUE INDEX activations_one_open ON activations (account_id) WHERE used_at IS NULL AND revoked_at IS NULL;

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,             -- SHA-256 of the cookie; the cookie itself is nowhere
    account_id bigint REFERENCES accounts,    -- null before sign-in
    data       bytea NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,          -- rounded to 5 minutes
    idle_until timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    device     text NOT NULL DEFAULT ''
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_idle ON sessions (idle_until);

-- failed sign-ins: a growing delay per account, source and pair; never a lock
CREATE TABLE signin_failures (
    key     bytea PRIMARY KEY,                -- keyed hash: names nobody
    count   integer NOT NULL,
    last_at timestamptz NOT NULL
);

-- one row: set when the county in this database is the demo county
CREATE TABLE demo_county (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    seed     bigint NOT NULL,
    made_at  timestamptz NOT NULL,
    finished boolean NOT NULL DEFAULT false
);

-- names the county goes by, changed by the operator
CREATE TABLE county (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    name_zh  text NOT NULL,
    name_en  text NOT NULL,
    name_ru  text NOT NULL,
    code     text NOT NULL,                   -- prefix of document numbers: NJ-2026-0187
    phone    text NOT NULL DEFAULT ''
);
INSERT INTO county (name_zh, name_en, name_ru, code, phone) VALUES ('嫩江县', 'Nenjiang County', 'Уезд Нэньцзян', 'NJ', '');

-- +goose Down
SELECT 1;
