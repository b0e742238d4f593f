-- What changes did to members of documents, in order, for stores elsewhere that are kept up to date. Members that
-- were there before this migration are not in it: whoever begins reads the lists. `generation` is that of the
-- document as of the change; `body` names the list and the keys put in or taken out, or no keys where a set was
-- put in force.
CREATE TABLE member_log (
    seq BIGINT NOT NULL, n BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL, project TEXT COLLATE "C" NOT NULL, env TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL, body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (seq, n)
);
CREATE INDEX member_log_by_place ON member_log (project, env, seq, n);
