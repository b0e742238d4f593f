-- Servers on this database, as they last showed themselves.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    seen BIGINT NOT NULL,
    state TEXT NOT NULL
);
-- Whose turn work is that one server does for all.
CREATE TABLE leases (
    work TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
);
-- Tries to sign in, by what is counted, hashed.
CREATE TABLE tries (
    key TEXT PRIMARY KEY,
    count BIGINT NOT NULL,
    last BIGINT NOT NULL,
    open BIGINT NOT NULL
);
CREATE INDEX tries_last ON tries (last);
