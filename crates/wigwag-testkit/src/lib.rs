//! In-process server, builders, frozen clock and seeded ids for tests.
