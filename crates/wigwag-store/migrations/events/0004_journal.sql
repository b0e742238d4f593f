-- Up to where the journals of events are recorded.
CREATE TABLE seen_journals (
    name TEXT PRIMARY KEY, position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
