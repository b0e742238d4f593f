-- Who is signed in. Neither these nor the passes below are changes: the log tells nothing of them, and a
-- backup restored in part signs people out. Ids of sessions are kept as SHA-256 only.
CREATE TABLE sessions (
    hash TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, member TEXT NOT NULL,
    created INTEGER NOT NULL, seen INTEGER NOT NULL, expires INTEGER NOT NULL,
    agent TEXT NOT NULL, address TEXT NOT NULL, how TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_member ON sessions (member, created);

-- Secrets that are good for one use: invitations, resets, second steps of a sign-in, codes of devices, codes
-- of second factors that were used. Only their SHA-256 is kept.
CREATE TABLE passes (
    hash TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, member TEXT NOT NULL,
    expires INTEGER NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX passes_by_member ON passes (member, kind);
