-- What changes did to members of documents, in order, for stores elsewhere that are kept up to date. Members that
-- were there before this migration are not in it: whoever begins reads the lists. `generation` is that of the
-- document as of the change; `body` names the list and the keys put in or taken out, or no keys where a set was
-- put in force.
CREATE TABLE member_log (
    seq INTEGER NOT NULL, n INTEGER NOT NULL,
    kind TEXT NOT NULL, project TEXT NOT NULL, env TEXT NOT NULL, key TEXT NOT NULL,
    generation INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_log_by_place ON member_log (project, env, seq, n);
