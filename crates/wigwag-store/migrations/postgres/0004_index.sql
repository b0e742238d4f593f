-- What contexts are found by moves from a row a fact to sorted runs of packed blocks, and instances are looked up
-- by a short number. Nothing was released with the tables before: contexts come again with the next events.
DROP TABLE seen_facts;
DROP TABLE seen_numbers;
DROP TABLE seen_instances;
DELETE FROM seen_parts;
DELETE FROM seen_contexts;
DELETE FROM seen_values;
DELETE FROM seen_attributes;
UPDATE seen_kinds SET contexts = 0;

-- Runs of the index of facts. `state`: 0 is read, 1 is being merged, 2 is to be removed. `target` is the run that
-- it is being merged into, `resume` how far that has come, `tail` where its last block begins.
CREATE TABLE seen_runs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, level BIGINT NOT NULL, state BIGINT NOT NULL, target BIGINT NOT NULL,
    resume BYTEA NOT NULL, tail BYTEA NOT NULL
);
CREATE TABLE seen_blocks (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run BIGINT NOT NULL, first BYTEA NOT NULL, body BYTEA NOT NULL
);
CREATE UNIQUE INDEX seen_blocks_in_order ON seen_blocks (run, first);

-- Which contexts were sent together. `body` is empty where there is one part: it is that context's.
-- `short` is the beginning of the hash, with the environment, as a number.
CREATE TABLE seen_instances (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, env BIGINT NOT NULL, short BIGINT NOT NULL, hash TEXT COLLATE "C" NOT NULL, app BIGINT NOT NULL,
    anonymous TEXT COLLATE "C" NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, body TEXT COLLATE "C" NOT NULL
);
CREATE INDEX seen_instances_by_short ON seen_instances (short);
CREATE INDEX seen_instances_by_time ON seen_instances (env, last_seen, id);
CREATE INDEX seen_instances_by_app ON seen_instances (app, last_seen, id) WHERE app <> 0;
