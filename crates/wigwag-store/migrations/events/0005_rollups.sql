-- Who sends events: kind of credential, SDK and application. What is not told is empty.
CREATE TABLE seen_senders (
    id INTEGER PRIMARY KEY, env INTEGER NOT NULL, type TEXT NOT NULL, sdk TEXT NOT NULL, sdk_version TEXT NOT NULL,
    application TEXT NOT NULL, application_version TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    UNIQUE (env, type, sdk, sdk_version, application, application_version)
) STRICT;

-- Kinds and keys of events and kinds of contexts: small numbers stand for them below.
CREATE TABLE seen_names (
    id INTEGER PRIMARY KEY, env INTEGER NOT NULL, name TEXT NOT NULL,
    UNIQUE (env, name)
) STRICT;

-- Evaluations of a flag by variation (-1 is the fallback of the code), version and sender. `grain` is 0 for minutes,
-- 1 for hours, 2 for days; `bucket` counts them since 1970.
DROP TABLE seen_evaluations;
CREATE TABLE seen_evaluations (
    flag INTEGER NOT NULL, grain INTEGER NOT NULL, bucket INTEGER NOT NULL, variation INTEGER NOT NULL,
    version INTEGER NOT NULL, sender INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (flag, grain, bucket, variation, version, sender)
) STRICT, WITHOUT ROWID;

-- What else is counted, by what it is called and by sender.
CREATE TABLE seen_counts (
    env INTEGER NOT NULL, measure INTEGER NOT NULL, grain INTEGER NOT NULL, bucket INTEGER NOT NULL,
    name INTEGER NOT NULL, sender INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (env, measure, grain, bucket, name, sender)
) STRICT, WITHOUT ROWID;

-- How many contexts of a kind were seen in a day, as sketches that can be joined.
CREATE TABLE seen_uniques (
    env INTEGER NOT NULL, day INTEGER NOT NULL, kind INTEGER NOT NULL, anonymous INTEGER NOT NULL,
    sender INTEGER NOT NULL, sketch BLOB NOT NULL,
    PRIMARY KEY (env, day, kind, anonymous, sender)
) STRICT, WITHOUT ROWID;

-- Events of metrics as they came. `value` is the bits of a double; those of no number stand for none. `contexts` is
-- an object from kind to key.
CREATE TABLE seen_metrics (
    id INTEGER PRIMARY KEY, env INTEGER NOT NULL, name INTEGER NOT NULL, at INTEGER NOT NULL, value INTEGER NOT NULL,
    contexts TEXT NOT NULL
) STRICT;
CREATE INDEX seen_metrics_by_name ON seen_metrics (env, name, at);
CREATE INDEX seen_metrics_by_time ON seen_metrics (env, at);
