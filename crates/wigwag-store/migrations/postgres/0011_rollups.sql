-- Who sends events: kind of credential, SDK and application. What is not told is empty.
CREATE TABLE seen_senders (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, env BIGINT NOT NULL, type TEXT COLLATE "C" NOT NULL, sdk TEXT COLLATE "C" NOT NULL, sdk_version TEXT COLLATE "C" NOT NULL,
    application TEXT COLLATE "C" NOT NULL, application_version TEXT COLLATE "C" NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL,
    UNIQUE (env, type, sdk, sdk_version, application, application_version)
);

-- Kinds and keys of events and kinds of contexts: small numbers stand for them below.
CREATE TABLE seen_names (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, env BIGINT NOT NULL, name TEXT COLLATE "C" NOT NULL,
    UNIQUE (env, name)
);

-- Evaluations of a flag by variation (-1 is the fallback of the code), version and sender. `grain` is 0 for minutes,
-- 1 for hours, 2 for days; `bucket` counts them since 1970.
DROP TABLE seen_evaluations;
CREATE TABLE seen_evaluations (
    flag BIGINT NOT NULL, grain BIGINT NOT NULL, bucket BIGINT NOT NULL, variation BIGINT NOT NULL,
    version BIGINT NOT NULL, sender BIGINT NOT NULL, count BIGINT NOT NULL,
    PRIMARY KEY (flag, grain, bucket, variation, version, sender)
);

-- What else is counted, by what it is called and by sender.
CREATE TABLE seen_counts (
    env BIGINT NOT NULL, measure BIGINT NOT NULL, grain BIGINT NOT NULL, bucket BIGINT NOT NULL,
    name BIGINT NOT NULL, sender BIGINT NOT NULL, count BIGINT NOT NULL,
    PRIMARY KEY (env, measure, grain, bucket, name, sender)
);

-- How many contexts of a kind were seen in a day, as sketches that can be joined.
CREATE TABLE seen_uniques (
    env BIGINT NOT NULL, day BIGINT NOT NULL, kind BIGINT NOT NULL, anonymous BIGINT NOT NULL,
    sender BIGINT NOT NULL, sketch BYTEA NOT NULL,
    PRIMARY KEY (env, day, kind, anonymous, sender)
);

-- Events of metrics as they came. `value` is the bits of a double; those of no number stand for none. `contexts` is
-- an object from kind to key.
CREATE TABLE seen_metrics (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, env BIGINT NOT NULL, name BIGINT NOT NULL, at BIGINT NOT NULL, value BIGINT NOT NULL,
    contexts TEXT COLLATE "C" NOT NULL
);
CREATE INDEX seen_metrics_by_name ON seen_metrics (env, name, at);
CREATE INDEX seen_metrics_by_time ON seen_metrics (env, at);
