-- Documents as they are now. A deleted one stays, without body, so that its version goes on rising.
CREATE TABLE docs (
    kind TEXT COLLATE "C" NOT NULL, project TEXT COLLATE "C" NOT NULL,
    env TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL, seq BIGINT NOT NULL, created_seq BIGINT NOT NULL, updated_at BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    facts TEXT COLLATE "C" NOT NULL,           -- the index facts as JSON: what the next write takes away
    body TEXT COLLATE "C",
    PRIMARY KEY (kind, project, env, key)
) WITH (fillfactor = 80);

-- Every state ever; `n` is the place within the change.
CREATE TABLE versions (
    seq BIGINT NOT NULL, n BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL, project TEXT COLLATE "C" NOT NULL,
    env TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL, created_seq BIGINT NOT NULL, body TEXT COLLATE "C"
);
CREATE UNIQUE INDEX versions_by_seq ON versions (seq, n);
CREATE UNIQUE INDEX versions_by_key ON versions (kind, project, env, key, seq);

-- The log: audit entries and feed at once.
CREATE TABLE changes (
    seq BIGINT PRIMARY KEY, id TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL, project TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL,
    member_id TEXT COLLATE "C", token_id TEXT COLLATE "C",
    resources TEXT COLLATE "C" NOT NULL, body TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL, prev_hash TEXT COLLATE "C" NOT NULL, hash TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX changes_by_id ON changes (id);
CREATE INDEX changes_by_time ON changes (at, seq);
CREATE INDEX changes_by_project ON changes (project, at, seq) WHERE project <> '';
CREATE INDEX changes_by_member ON changes (member_id, at, seq) WHERE member_id IS NOT NULL;
CREATE INDEX changes_by_token ON changes (token_id, at, seq) WHERE token_id IS NOT NULL;

-- A field of the documents of one kind in one scope; `docs` counts those that have a fact in it,
-- `multi` says that some document has, or had, more than one.
CREATE TABLE facets (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL, project TEXT COLLATE "C" NOT NULL,
    env TEXT COLLATE "C" NOT NULL, field TEXT COLLATE "C" NOT NULL,
    docs BIGINT NOT NULL, multi BIGINT NOT NULL,
    UNIQUE (kind, project, env, field)
) WITH (fillfactor = 80);

-- The index: facts of live documents in the order that lists are read. A number fact has empty text,
-- a text fact the number 0; `low` is the text in lower case where that differs.
CREATE TABLE ix (
    facet BIGINT NOT NULL, text TEXT COLLATE "C" NOT NULL, num BIGINT NOT NULL, key TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL, low TEXT COLLATE "C",
    PRIMARY KEY (facet, text, num, key) INCLUDE (n, low)
);
CREATE INDEX ix_by_key ON ix (facet, key, n) INCLUDE (text, num);

-- Values that only one live document of a kind may hold.
CREATE TABLE uniq (
    kind TEXT COLLATE "C" NOT NULL, field TEXT COLLATE "C" NOT NULL, value TEXT COLLATE "C" NOT NULL,
    project TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, field, value)
);
