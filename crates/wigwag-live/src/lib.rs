//! Change feed, immutable environment snapshots and fan-out to streams.
