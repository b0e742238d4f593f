-- What SDK events tell: whom flags were evaluated for, and how often. Small numbers stand for names.
CREATE TABLE seen_envs (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE
) STRICT;

-- Context kinds met in an environment, with how many contexts are kept of each.
CREATE TABLE seen_kinds (
    id INTEGER PRIMARY KEY, env INTEGER NOT NULL, name TEXT NOT NULL,
    contexts INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    UNIQUE (env, name)
) STRICT;

-- Applications and SDKs that sent events.
CREATE TABLE seen_apps (
    id INTEGER PRIMARY KEY, env INTEGER NOT NULL, name TEXT NOT NULL,
    UNIQUE (env, name)
) STRICT;

-- Contexts, each of one kind; `body` is the context as it was last sent. No application is 0.
CREATE TABLE seen_contexts (
    id INTEGER PRIMARY KEY, env INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL,
    app INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX seen_contexts_by_key ON seen_contexts (kind, key);
CREATE INDEX seen_contexts_by_time ON seen_contexts (env, last_seen, id);
CREATE INDEX seen_contexts_by_kind ON seen_contexts (kind, last_seen, id);
CREATE INDEX seen_contexts_by_app ON seen_contexts (app, last_seen, id) WHERE app <> 0;

-- Attributes of a kind as JSON pointers; '' holds the words that a search goes by. `counted` is the
-- number of its values in seen_values.
CREATE TABLE seen_attributes (
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL,
    contexts INTEGER NOT NULL, counted INTEGER NOT NULL, redacted INTEGER NOT NULL,
    UNIQUE (kind, name)
) STRICT;

-- How many contexts have a value, for the values that came first.
CREATE TABLE seen_values (
    attribute INTEGER NOT NULL, value TEXT NOT NULL, contexts INTEGER NOT NULL,
    PRIMARY KEY (attribute, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_values_by_weight ON seen_values (attribute, contexts);

-- From a value to the contexts that have it; numbers and times also in their own order.
CREATE TABLE seen_facts (
    attribute INTEGER NOT NULL, value TEXT NOT NULL, context INTEGER NOT NULL,
    PRIMARY KEY (attribute, value, context)
) STRICT, WITHOUT ROWID;
CREATE TABLE seen_numbers (
    attribute INTEGER NOT NULL, num INTEGER NOT NULL, context INTEGER NOT NULL,
    PRIMARY KEY (attribute, num, context)
) STRICT, WITHOUT ROWID;

-- Which contexts were sent together. `body` is empty where there is one part: it is that context's.
CREATE TABLE seen_instances (
    id INTEGER PRIMARY KEY, env INTEGER NOT NULL, hash TEXT NOT NULL, app INTEGER NOT NULL, anonymous TEXT NOT NULL,
    first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX seen_instances_by_hash ON seen_instances (env, hash);
CREATE INDEX seen_instances_by_time ON seen_instances (env, last_seen, id);
CREATE INDEX seen_instances_by_app ON seen_instances (app, last_seen, id) WHERE app <> 0;
CREATE TABLE seen_parts (
    context INTEGER NOT NULL, instance INTEGER NOT NULL,
    PRIMARY KEY (context, instance)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_parts_by_instance ON seen_parts (instance, context);

-- Flags that were evaluated, and the fallback that code last gave (JSON, or empty).
CREATE TABLE seen_flags (
    id INTEGER PRIMARY KEY, env INTEGER NOT NULL, name TEXT NOT NULL, last_requested INTEGER NOT NULL, fallback TEXT NOT NULL,
    UNIQUE (env, name)
) STRICT;

-- Evaluations of a flag in an hour (since 1970) by variation; -1 is the fallback of the code.
CREATE TABLE seen_evaluations (
    flag INTEGER NOT NULL, hour INTEGER NOT NULL, variation INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (flag, hour, variation)
) STRICT, WITHOUT ROWID;
CREATE TABLE seen_flag_kinds (
    flag INTEGER NOT NULL, kind TEXT NOT NULL, last_seen INTEGER NOT NULL,
    PRIMARY KEY (flag, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE seen_flag_apps (
    flag INTEGER NOT NULL, app INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    PRIMARY KEY (flag, app)
) STRICT, WITHOUT ROWID;
