-- What subscribers of the log are owed. The cursor is the last change whose deliveries are planned: what was
-- committed before this migration is not delivered any more.
CREATE TABLE delivery_cursor (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL);
INSERT INTO delivery_cursor (id, seq) SELECT 1, COALESCE(MAX(seq), 0) FROM changes;

-- One row for each change and subscriber it matters to. `reason` 0 a change, 1 asked for again, 2 a test; `state`
-- 0 owed, 1 delivered, 2 given up. Who holds the claim is delivering it, until the lease ends.
CREATE TABLE deliveries (
    n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id TEXT COLLATE "C" NOT NULL, subscriber TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL, reason BIGINT NOT NULL, state BIGINT NOT NULL,
    made_at BIGINT NOT NULL, due_at BIGINT NOT NULL, tries BIGINT NOT NULL,
    claim TEXT COLLATE "C" NOT NULL, leased_until BIGINT NOT NULL
);
CREATE UNIQUE INDEX deliveries_by_id ON deliveries (id);
CREATE INDEX deliveries_by_subscriber ON deliveries (subscriber, n);
CREATE INDEX deliveries_owed ON deliveries (subscriber, n) WHERE state = 0;
CREATE INDEX deliveries_claimed ON deliveries (claim) WHERE claim <> '';

-- What became of each try; `status` is 0 where no answer came.
CREATE TABLE delivery_attempts (
    delivery BIGINT NOT NULL, try BIGINT NOT NULL,
    at BIGINT NOT NULL, took BIGINT NOT NULL, status BIGINT NOT NULL, error TEXT COLLATE "C" NOT NULL, head TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (delivery, try)
);
