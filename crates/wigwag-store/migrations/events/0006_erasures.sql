-- Contexts that were erased and when, by a hash of kind and key: what happened before is not recorded any more.
CREATE TABLE seen_erasures (
    env INTEGER NOT NULL, mark INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (env, mark)
) STRICT, WITHOUT ROWID;
