-- Members of documents that have more of them than a body can hold. A set is what is written and
-- thrown away together; `list` 1 includes, 0 excludes; `state` 0 is staged, 1 in force, 2 to be thrown
-- away. What a document has in a list is all that its sets in force hold. Ids are never given twice.
CREATE TABLE member_sets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, project TEXT NOT NULL, env TEXT NOT NULL, key TEXT NOT NULL,
    list INTEGER NOT NULL, state INTEGER NOT NULL, count INTEGER NOT NULL, touched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX member_sets_by_owner ON member_sets (kind, project, env, key);

CREATE TABLE members (
    set_id INTEGER NOT NULL, member TEXT NOT NULL,
    PRIMARY KEY (set_id, member)
) STRICT, WITHOUT ROWID;
