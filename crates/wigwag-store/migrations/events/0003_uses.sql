-- When tokens and members were last active: `token/ID`, `member/ID`.
CREATE TABLE last_uses (
    subject TEXT PRIMARY KEY, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
