-- Who is signed in. Neither these nor the passes below are changes: the log tells nothing of them, and a
-- backup restored in part signs people out. Ids of sessions are kept as SHA-256 only.
CREATE TABLE sessions (
    hash TEXT COLLATE "C" PRIMARY KEY, id TEXT COLLATE "C" NOT NULL, member TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL, seen BIGINT NOT NULL, expires BIGINT NOT NULL,
    agent TEXT NOT NULL, address TEXT NOT NULL, how TEXT NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX sessions_by_member ON sessions (member, created);

-- Secrets that are good for one use: invitations, resets, second steps of a sign-in, codes of devices, codes
-- of second factors that were used. Only their SHA-256 is kept.
CREATE TABLE passes (
    hash TEXT COLLATE "C" PRIMARY KEY, kind TEXT COLLATE "C" NOT NULL, member TEXT COLLATE "C" NOT NULL,
    expires BIGINT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX passes_by_member ON passes (member, kind);
