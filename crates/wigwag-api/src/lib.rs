//! The REST resources, one file a kind.
