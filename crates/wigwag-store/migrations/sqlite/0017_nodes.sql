-- Servers on this database, as they last showed themselves.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    seen INTEGER NOT NULL,
    state TEXT NOT NULL
);
-- Whose turn work is that one server does for all.
CREATE TABLE leases (
    work TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
);
-- Tries to sign in, by what is counted, hashed.
CREATE TABLE tries (
    key TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    last INTEGER NOT NULL,
    open INTEGER NOT NULL
);
CREATE INDEX tries_last ON tries (last);
