-- What subscribers of the log are owed. The cursor is the last change whose deliveries are planned: what was
-- committed before this migration is not delivered any more.
CREATE TABLE delivery_cursor (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
INSERT INTO delivery_cursor (id, seq) SELECT 1, COALESCE(MAX(seq), 0) FROM changes;

-- One row for each change and subscriber it matters to. `reason` 0 a change, 1 asked for again, 2 a test; `state`
-- 0 owed, 1 delivered, 2 given up. Who holds the claim is delivering it, until the lease ends.
CREATE TABLE deliveries (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, subscriber TEXT NOT NULL,
    seq INTEGER NOT NULL, reason INTEGER NOT NULL, state INTEGER NOT NULL,
    made_at INTEGER NOT NULL, due_at INTEGER NOT NULL, tries INTEGER NOT NULL,
    claim TEXT NOT NULL, leased_until INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX deliveries_by_id ON deliveries (id);
CREATE INDEX deliveries_by_subscriber ON deliveries (subscriber, n);
CREATE INDEX deliveries_owed ON deliveries (subscriber, n) WHERE state = 0;
CREATE INDEX deliveries_claimed ON deliveries (claim) WHERE claim <> '';

-- What became of each try; `status` is 0 where no answer came.
CREATE TABLE delivery_attempts (
    delivery INTEGER NOT NULL, try INTEGER NOT NULL,
    at INTEGER NOT NULL, took INTEGER NOT NULL, status INTEGER NOT NULL, error TEXT NOT NULL, head TEXT NOT NULL,
    PRIMARY KEY (delivery, try)
) STRICT, WITHOUT ROWID;
