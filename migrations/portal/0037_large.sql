-- 0037_large.sql: what lists and searches need among 100,000 issues: texts folded once
-- instead of at each look, and the columns that lists sort and count by beside each other.
-- +goose Up

-- word_patterns are the words of a search as patterns of LIKE; folded leaves no sign in
-- them that means something there.
-- +goose StatementBegin
CREATE FUNCTION word_patterns(q text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg('%' || w || '%') FROM unnest(string_to_array(folded(q), ' ')) w
$$;
-- +goose StatementEnd
ALTER TABLE issues
    ADD COLUMN plain       text GENERATED ALWAYS AS (folded(title || ' ' || body || ' ' || wish)) STORED,
    ADD COLUMN title_plain text GENERATED ALWAYS AS (folded(title)) STORED;
ALTER TABLE suggestions ADD COLUMN plain text GENERATED ALWAYS AS (folded(title || ' ' || body)) STORED;
ALTER TABLE promises ADD COLUMN plain text GENERATED ALWAYS AS (folded(text)) STORED;

CREATE INDEX issues_narrow ON issues (id) INCLUDE (ref, company_id, category, state, grade, lead_unit_id, proposed_unit_id, proposers,
    cooperating, special, origin, raised_at, due_at, paused_at, queued_at);
CREATE INDEX issues_words ON issues (id) INCLUDE (ref, title_plain);
CREATE INDEX visits_list ON visits (year DESC, quarter DESC, visited_on DESC NULLS FIRST, id DESC) INCLUDE (unit_id, company_id, requested_at);
CREATE INDEX sheets_filed ON sheets (filed_at DESC, id DESC);
CREATE INDEX sheets_texts ON sheets (id) WHERE release IN ('yes', 'summary') AND (opinion <> '' OR suggestion <> '');
CREATE INDEX inspections_list ON inspections (on_day DESC, id DESC);
CREATE INDEX suggestions_list ON suggestions ((reply IS NOT NULL), id DESC);
CREATE INDEX issue_events_refused ON issue_events (issue_id, at) WHERE kind = 'refuse';
CREATE INDEX issues_company_raised ON issues (company_id, raised_at);
CREATE INDEX audit_action ON audit (action, at);

-- +goose Down
SELECT 1;
