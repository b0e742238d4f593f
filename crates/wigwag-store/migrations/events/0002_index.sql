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
    id INTEGER PRIMARY KEY AUTOINCREMENT, level INTEGER NOT NULL, state INTEGER NOT NULL, target INTEGER NOT NULL,
    resume BLOB NOT NULL, tail BLOB NOT NULL
) STRICT;
CREATE TABLE seen_blocks (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, first BLOB NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX seen_blocks_in_order ON seen_blocks (run, first);

-- Which contexts were sent together. `body` is empty where there is one part: it is that context's.
-- `short` is the beginning of the hash, with the environment, as a number.
CREATE TABLE seen_instances (
    id INTEGER PRIMARY KEY, env INTEGER NOT NULL, short INTEGER NOT NULL, hash TEXT NOT NULL, app INTEGER NOT NULL,
    anonymous TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX seen_instances_by_short ON seen_instances (short);
CREATE INDEX seen_instances_by_time ON seen_instances (env, last_seen, id);
CREATE INDEX seen_instances_by_app ON seen_instances (app, last_seen, id) WHERE app <> 0;
