-- 0020_ledger.sql: contracts, agreements, arrived funds; what a report states beside them.
-- +goose Up

-- Areas and classes are data: a county names its own.
CREATE TABLE ledger_areas (
    code     text     PRIMARY KEY,
    position smallint NOT NULL,
    name_zh  text     NOT NULL,
    name_en  text     NOT NULL,
    name_ru  text     NOT NULL
);
INSERT INTO ledger_areas VALUES ('county', 1, '县内', 'County', 'Уезд'), ('jiusan', 2, '九三局', 'Jiusan bureau', 'Управление «Цзюсань»');

CREATE TABLE ledger_classes (
    code     text     PRIMARY KEY,
    position smallint NOT NULL,
    name_zh  text     NOT NULL,
    name_en  text     NOT NULL,
    name_ru  text     NOT NULL
);
INSERT INTO ledger_classes VALUES ('industry', 1, '工业', 'Industry', 'Промышленность'),
    ('infrastructure', 2, '城市基础设施', 'Urban infrastructure', 'Городская инфраструктура'), ('other', 3, '其它', 'Other', 'Прочее');

-- An intention, an agreement (协议) or a contract (合同). Amounts are in ten thousands of the currency.
CREATE TABLE contracts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    no         text NOT NULL,
    kind       text NOT NULL,
    purpose    text NOT NULL DEFAULT 'investment',  -- trade: a sale, no investment, in no sum of investments
    title      text NOT NULL,
    investor   text NOT NULL,
    company_id bigint REFERENCES companies,
    area       text NOT NULL REFERENCES ledger_areas,
    class      text NOT NULL REFERENCES ledger_classes,
    amount     numeric(16, 2) NOT NULL,
    currency   text NOT NULL DEFAULT 'CNY',
    agreed_on  date,                                -- intention or agreement
    signed_on  date,                                -- contract
    unit_id    bigint REFERENCES units,             -- contact unit
    source     text NOT NULL DEFAULT '',            -- fair, trip, report it comes from
    produced_on date,
    ended_on   date,
    ended_why  text NOT NULL DEFAULT '',
    entered_by bigint REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    CONSTRAINT contracts_no_key UNIQUE (no),
    CONSTRAINT contracts_kind_known CHECK (kind IN ('intention', 'agreement', 'contract')),
    CONSTRAINT contracts_purpose_known CHECK (purpose IN ('investment', 'trade')),
    CONSTRAINT contracts_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT contracts_amount_positive CHECK (amount > 0),
    CONSTRAINT contracts_dates CHECK ((kind = 'contract') = (signed_on IS NOT NULL) AND (kind = 'contract' OR agreed_on IS NOT NULL)),
    CONSTRAINT contracts_agreed_before_signed CHECK (agreed_on IS NULL OR signed_on IS NULL OR agreed_on <= signed_on),
    CONSTRAINT contracts_ended_has_reason CHECK ((ended_on IS NULL) = (ended_why = ''))
);
CREATE INDEX contracts_place ON contracts (area, class);
CREATE INDEX contracts_signed ON contracts (signed_on, id);

-- an agreement becomes a contract once; a contract never becomes less
-- +goose StatementBegin
CREATE FUNCTION contracts_only_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF array_position(ARRAY['intention', 'agreement', 'contract'], NEW.kind) < array_position(ARRAY['intention', 'agreement', 'contract'], OLD.kind)
        OR (OLD.kind = 'contract' AND NEW.signed_on IS DISTINCT FROM OLD.signed_on)
        OR (OLD.agreed_on IS NOT NULL AND NEW.agreed_on IS DISTINCT FROM OLD.agreed_on) THEN
        RAISE EXCEPTION 'a contract keeps what it became' USING ERRCODE = 'check_violation', CONSTRAINT = 'contracts_only_forward';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER contracts_only_forward BEFORE UPDATE ON contracts FOR EACH ROW EXECUTE FUNCTION contracts_only_forward();

-- Arrived funds (到位资金). An increase (增资) is money beyond the contract, counted in the year it arrived.
CREATE TABLE arrivals (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract_id bigint NOT NULL REFERENCES contracts,
    kind        text   NOT NULL DEFAULT 'contract',
    arrived_on  date   NOT NULL,
    amount      numeric(16, 2) NOT NULL,
    voucher     text   NOT NULL,
    verified_by text   NOT NULL DEFAULT '',
    struck_at   timestamptz,
    struck_why  text   NOT NULL DEFAULT '',
    entered_by  bigint REFERENCES accounts,
    entered_at  timestamptz NOT NULL,
    CONSTRAINT arrivals_voucher_key UNIQUE (contract_id, voucher),
    CONSTRAINT arrivals_kind_known CHECK (kind IN ('contract', 'increase')),
    CONSTRAINT arrivals_amount_positive CHECK (amount > 0),
    CONSTRAINT arrivals_struck_has_reason CHECK ((struck_at IS NULL) = (struck_why = ''))
);
CREATE INDEX arrivals_contract ON arrivals (contract_id);
CREATE INDEX arrivals_day ON arrivals (arrived_on);

-- What one unit of a currency was worth in CNY on a day, by whom said.
CREATE TABLE exchange_rates (
    currency text NOT NULL,
    on_day   date NOT NULL,
    rate     numeric(14, 6) NOT NULL,
    source   text NOT NULL,
    PRIMARY KEY (currency, on_day),
    CONSTRAINT exchange_rates_positive CHECK (rate > 0)
);

-- A figure that a report states, to be held against the ledger.
CREATE TABLE stated_figures (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    as_of  date NOT NULL,
    what   text NOT NULL,
    area   text REFERENCES ledger_areas,
    class  text REFERENCES ledger_classes,
    value  numeric(16, 2) NOT NULL,
    entered_by bigint REFERENCES accounts,
    entered_at timestamptz NOT NULL,
    CONSTRAINT stated_what_known CHECK (what IN ('contracts', 'amount', 'arrived', 'large'))
);

-- +goose Down
SELECT 1;
