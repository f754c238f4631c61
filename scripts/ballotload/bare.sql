-- The bare transaction of a cast: the same function, a payload of 8,240 bytes, no
-- portal. Run it against the box database of a demo county; see docs/performance.md.
\set r random(1, 4611686018427387904)
SELECT ver FROM box_cast(4, sha256(('slot' || :r)::bytea), 'G1', false, sha256(('idem' || :r)::bytea), 'd29yZA==', 'Y29tbWl0', decode(repeat('ab', 8240), 'hex'));
