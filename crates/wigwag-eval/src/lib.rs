//! Compiled flags and segments, evaluation and its trace: no I/O, no clock, no locks.
