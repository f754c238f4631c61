-- 0015_intake.sql: search and likeness by pairs of adjacent characters (bigrams),
-- which needs no dictionary and so works for Chinese, Russian and English alike.
-- +goose Up
-- folded writes a text the way it is compared: compatibility forms made one, capitals
-- small (Cyrillic ones by hand: the database has no locale), ё as е, everything that
-- is neither letter nor digit one space.
-- +goose StatementBegin
CREATE FUNCTION folded(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(translate(lower(normalize(t, NFKC)),
            'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯё', 'абвгдеежзийклмнопрстуфхцчшщъыьэюяе'),
        '[[:space:][:punct:]、。·…—–“”‘’《》〈〉「」『』【】«»№]+', ' ', 'g'))
$$;
-- +goose StatementEnd
-- bigrams are the pairs of adjacent characters of a text's words, and each Chinese
-- character by itself, so that a word of one character can be found, too.
-- +goose StatementBegin
CREATE FUNCTION bigrams(t text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    WITH x AS (SELECT c, lead(c) OVER (ORDER BY n) AS d FROM unnest(string_to_array(folded(t), NULL)) WITH ORDINALITY AS y(c, n))
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT g)), ''::tsvector) FROM (
        SELECT c || d AS g FROM x WHERE c <> ' ' AND d <> ' '
        UNION ALL SELECT c FROM x WHERE c COLLATE "C" BETWEEN U&'\3400' AND U&'\9FFF') z
$$;
-- +goose StatementEnd
-- gram_query asks for texts that have all bigrams of t; null when t has none.
-- +goose StatementBegin
CREATE FUNCTION gram_query(t text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg(quote_literal(g), ' & ')::tsquery FROM unnest(tsvector_to_array(bigrams(t))) g
$$;
-- +goose StatementEnd
-- like_query asks for texts that have some pair of t; single characters do not count.
-- +goose StatementBegin
CREATE FUNCTION like_query(t text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg(quote_literal(g), ' | ')::tsquery FROM unnest(tsvector_to_array(bigrams(t))) g WHERE length(g) = 2
$$;
-- +goose StatementEnd
-- all_words says whether every word of q stands in t: bigrams find candidates, this decides.
-- +goose StatementBegin
CREATE FUNCTION all_words(t text, q text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT bool_and(strpos(f, w) > 0) FROM (SELECT folded(t) AS f) x, unnest(string_to_array(folded(q), ' ')) w
$$;
-- +goose StatementEnd

ALTER TABLE issues
    ADD COLUMN grams       tsvector GENERATED ALWAYS AS (bigrams(title || ' ' || body || ' ' || wish)) STORED,
    ADD COLUMN title_grams tsvector GENERATED ALWAYS AS (bigrams(title)) STORED;
CREATE INDEX issues_grams ON issues USING gin (grams);
CREATE INDEX issues_title_grams ON issues USING gin (title_grams);

-- +goose Down
SELECT 1;
