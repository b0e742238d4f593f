-- Members of documents that have more of them than a body can hold. A set is what is written and
-- thrown away together; `list` 1 includes, 0 excludes; `state` 0 is staged, 1 in force, 2 to be thrown
-- away. What a document has in a list is all that its sets in force hold. Ids are never given twice.
CREATE TABLE member_sets (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL, project TEXT COLLATE "C" NOT NULL,
    env TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL,
    list BIGINT NOT NULL, state BIGINT NOT NULL, count BIGINT NOT NULL, touched_at BIGINT NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX member_sets_by_owner ON member_sets (kind, project, env, key);

CREATE TABLE members (
    set_id BIGINT NOT NULL, member TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (set_id, member)
);
