-- Contexts that were erased and when, by a hash of kind and key: what happened before is not recorded any more.
CREATE TABLE seen_erasures (
    env BIGINT NOT NULL, mark BIGINT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (env, mark)
);
