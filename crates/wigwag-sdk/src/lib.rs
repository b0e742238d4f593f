//! SDK-facing protocols over the live snapshots.
