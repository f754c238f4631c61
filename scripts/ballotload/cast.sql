-- The database's own limit for what a ballot costs it: the same function call, a
-- card of its own each time, sealed ballots of the same size. Run by pgbench.
SELECT ver, leaf FROM box_cast(:campaign, sha256(uuid_send(gen_random_uuid())), 'G1', false, sha256(uuid_send(gen_random_uuid())),
    encode(sha256(uuid_send(gen_random_uuid())), 'base64'), encode(sha256(uuid_send(gen_random_uuid())), 'base64'), decode(repeat('5a', :size), 'hex'));
