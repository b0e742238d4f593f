-- Up to where the journals of events are recorded, each on the disk of one server.
CREATE TABLE seen_journals (
    name TEXT COLLATE "C" PRIMARY KEY, position BIGINT NOT NULL
);
