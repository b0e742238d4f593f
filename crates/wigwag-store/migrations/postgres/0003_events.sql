-- What SDK events tell: whom flags were evaluated for, and how often. Small numbers stand for names.
CREATE TABLE seen_envs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT COLLATE "C" NOT NULL UNIQUE
);

-- Context kinds met in an environment, with how many contexts are kept of each.
CREATE TABLE seen_kinds (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, env BIGINT NOT NULL, name TEXT COLLATE "C" NOT NULL,
    contexts BIGINT NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL,
    UNIQUE (env, name)
);

-- Applications and SDKs that sent events.
CREATE TABLE seen_apps (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, env BIGINT NOT NULL, name TEXT COLLATE "C" NOT NULL,
    UNIQUE (env, name)
);

-- Contexts, each of one kind; `body` is the context as it was last sent. No application is 0.
CREATE TABLE seen_contexts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, env BIGINT NOT NULL, kind BIGINT NOT NULL, key TEXT COLLATE "C" NOT NULL,
    app BIGINT NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, body TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX seen_contexts_by_key ON seen_contexts (kind, key);
CREATE INDEX seen_contexts_by_time ON seen_contexts (env, last_seen, id);
CREATE INDEX seen_contexts_by_kind ON seen_contexts (kind, last_seen, id);
CREATE INDEX seen_contexts_by_app ON seen_contexts (app, last_seen, id) WHERE app <> 0;

-- Attributes of a kind as JSON pointers; '' holds the words that a search goes by. `counted` is the
-- number of its values in seen_values.
CREATE TABLE seen_attributes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind BIGINT NOT NULL, name TEXT COLLATE "C" NOT NULL,
    contexts BIGINT NOT NULL, counted BIGINT NOT NULL, redacted BIGINT NOT NULL,
    UNIQUE (kind, name)
);

-- How many contexts have a value, for the values that came first.
CREATE TABLE seen_values (
    attribute BIGINT NOT NULL, value TEXT COLLATE "C" NOT NULL, contexts BIGINT NOT NULL,
    PRIMARY KEY (attribute, value)
);
CREATE INDEX seen_values_by_weight ON seen_values (attribute, contexts);

-- From a value to the contexts that have it; numbers and times also in their own order.
CREATE TABLE seen_facts (
    attribute BIGINT NOT NULL, value TEXT COLLATE "C" NOT NULL, context BIGINT NOT NULL,
    PRIMARY KEY (attribute, value, context)
);
CREATE TABLE seen_numbers (
    attribute BIGINT NOT NULL, num BIGINT NOT NULL, context BIGINT NOT NULL,
    PRIMARY KEY (attribute, num, context)
);

-- Which contexts were sent together. `body` is empty where there is one part: it is that context's.
CREATE TABLE seen_instances (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, env BIGINT NOT NULL, hash TEXT COLLATE "C" NOT NULL, app BIGINT NOT NULL, anonymous TEXT COLLATE "C" NOT NULL,
    first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, body TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX seen_instances_by_hash ON seen_instances (env, hash);
CREATE INDEX seen_instances_by_time ON seen_instances (env, last_seen, id);
CREATE INDEX seen_instances_by_app ON seen_instances (app, last_seen, id) WHERE app <> 0;
CREATE TABLE seen_parts (
    context BIGINT NOT NULL, instance BIGINT NOT NULL,
    PRIMARY KEY (context, instance)
);
CREATE INDEX seen_parts_by_instance ON seen_parts (instance, context);

-- Flags that were evaluated, and the fallback that code last gave (JSON, or empty).
CREATE TABLE seen_flags (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, env BIGINT NOT NULL, name TEXT COLLATE "C" NOT NULL, last_requested BIGINT NOT NULL, fallback TEXT COLLATE "C" NOT NULL,
    UNIQUE (env, name)
);

-- Evaluations of a flag in an hour (since 1970) by variation; -1 is the fallback of the code.
CREATE TABLE seen_evaluations (
    flag BIGINT NOT NULL, hour BIGINT NOT NULL, variation BIGINT NOT NULL, count BIGINT NOT NULL,
    PRIMARY KEY (flag, hour, variation)
);
CREATE TABLE seen_flag_kinds (
    flag BIGINT NOT NULL, kind TEXT COLLATE "C" NOT NULL, last_seen BIGINT NOT NULL,
    PRIMARY KEY (flag, kind)
);
CREATE TABLE seen_flag_apps (
    flag BIGINT NOT NULL, app BIGINT NOT NULL, last_seen BIGINT NOT NULL,
    PRIMARY KEY (flag, app)
);
