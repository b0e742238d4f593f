-- Documents as they are now. A deleted one stays, without body, so that its version goes on rising.
CREATE TABLE docs (
    kind TEXT NOT NULL, project TEXT NOT NULL, env TEXT NOT NULL, key TEXT NOT NULL,
    version INTEGER NOT NULL, seq INTEGER NOT NULL, created_seq INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    facts TEXT NOT NULL,                       -- the index facts as JSON: what the next write takes away
    body TEXT,
    PRIMARY KEY (kind, project, env, key)
) STRICT;

-- Every state ever; `n` is the place within the change.
CREATE TABLE versions (
    seq INTEGER NOT NULL, n INTEGER NOT NULL,
    kind TEXT NOT NULL, project TEXT NOT NULL, env TEXT NOT NULL, key TEXT NOT NULL,
    version INTEGER NOT NULL, created_seq INTEGER NOT NULL, body TEXT
) STRICT;
CREATE UNIQUE INDEX versions_by_seq ON versions (seq, n);
CREATE UNIQUE INDEX versions_by_key ON versions (kind, project, env, key, seq);

-- The log: audit entries and feed at once.
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL,
    kind TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL, member_id TEXT, token_id TEXT,
    resources TEXT NOT NULL, body TEXT NOT NULL,
    digest TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX changes_by_id ON changes (id);
CREATE INDEX changes_by_time ON changes (at, seq);
CREATE INDEX changes_by_project ON changes (project, at, seq) WHERE project <> '';
CREATE INDEX changes_by_member ON changes (member_id, at, seq) WHERE member_id IS NOT NULL;
CREATE INDEX changes_by_token ON changes (token_id, at, seq) WHERE token_id IS NOT NULL;

-- A field of the documents of one kind in one scope; `docs` counts those that have a fact in it,
-- `multi` says that some document has, or had, more than one.
CREATE TABLE facets (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, project TEXT NOT NULL, env TEXT NOT NULL, field TEXT NOT NULL,
    docs INTEGER NOT NULL, multi INTEGER NOT NULL,
    UNIQUE (kind, project, env, field)
) STRICT;

-- The index: facts of live documents in the order that lists are read. A number fact has empty text,
-- a text fact the number 0; `low` is the text in lower case where that differs.
CREATE TABLE ix (
    facet INTEGER NOT NULL, text TEXT NOT NULL, num INTEGER NOT NULL, key TEXT NOT NULL,
    n INTEGER NOT NULL, low TEXT,
    PRIMARY KEY (facet, text, num, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX ix_by_key ON ix (facet, key, n);

-- Values that only one live document of a kind may hold.
CREATE TABLE uniq (
    kind TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL,
    project TEXT NOT NULL, env TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (kind, field, value)
) STRICT, WITHOUT ROWID;
