-- 0028_referrals.sql: who brought whom (以老引新), verified against contracts of the ledger.
-- +goose Up
CREATE TABLE referrals (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    referrer_id bigint NOT NULL REFERENCES companies,
    newcomer    text   NOT NULL,             -- as named
    about       text   NOT NULL,             -- how he was brought
    state       text   NOT NULL DEFAULT 'named',
    named_by    bigint NOT NULL REFERENCES accounts,
    named_at    timestamptz NOT NULL,
    contract_id bigint REFERENCES contracts,
    newcomer_id bigint REFERENCES companies, -- null: not in the roster of companies yet
    unit_id     bigint REFERENCES units,     -- contact unit of the referrer at verification; null: nobody to credit
    evidence    text   NOT NULL DEFAULT '',
    decided_by  bigint REFERENCES accounts,
    decided_at  timestamptz,
    why         text   NOT NULL DEFAULT '',  -- why refused or struck
    struck_by   bigint REFERENCES accounts,
    struck_at   timestamptz,
    idem        text   NOT NULL,
    CONSTRAINT referrals_idem_key UNIQUE (idem),
    CONSTRAINT referrals_state_known CHECK (state IN ('named', 'verified', 'refused', 'struck')),
    CONSTRAINT referrals_decided CHECK ((state = 'named') = (decided_at IS NULL)),
    CONSTRAINT referrals_verified_on_contract CHECK ((state IN ('verified', 'struck')) = (contract_id IS NOT NULL AND evidence <> '')),
    CONSTRAINT referrals_reason CHECK ((state IN ('refused', 'struck')) = (why <> '')),
    CONSTRAINT referrals_struck CHECK ((state = 'struck') = (struck_at IS NOT NULL)),
    CONSTRAINT referrals_not_himself CHECK (newcomer_id <> referrer_id)
);
-- a contract is credited to one referral only (S-44)
CREATE UNIQUE INDEX referrals_contract_once ON referrals (contract_id) WHERE state = 'verified';
CREATE INDEX referrals_referrer ON referrals (referrer_id);
CREATE INDEX referrals_newcomer ON referrals (newcomer_id);

-- The verified referrals are a forest: nobody is brought by two, and nobody by whom he
-- brought himself, directly or through others (S-52). Verifications go one at a time.
-- +goose StatementBegin
CREATE FUNCTION referrals_are_a_forest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('referrals', 28));
    IF EXISTS (SELECT FROM referrals WHERE state = 'verified' AND newcomer_id = NEW.newcomer_id AND referrer_id <> NEW.referrer_id AND id <> NEW.id) THEN
        RAISE EXCEPTION 'the newcomer was brought by another investor' USING ERRCODE = 'check_violation', CONSTRAINT = 'referrals_one_referrer';
    END IF;
    IF EXISTS (WITH RECURSIVE below AS (SELECT NEW.newcomer_id AS id
            UNION SELECT r.newcomer_id FROM referrals r JOIN below b ON r.referrer_id = b.id WHERE r.state = 'verified' AND r.newcomer_id IS NOT NULL)
            SELECT FROM below WHERE id = NEW.referrer_id) THEN
        RAISE EXCEPTION 'the newcomer brought the referrer' USING ERRCODE = 'check_violation', CONSTRAINT = 'referrals_no_cycle';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER referrals_are_a_forest BEFORE INSERT OR UPDATE ON referrals FOR EACH ROW
    WHEN (NEW.state = 'verified' AND NEW.newcomer_id IS NOT NULL) EXECUTE FUNCTION referrals_are_a_forest();

-- +goose Down
SELECT 1;
