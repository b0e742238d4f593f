//! Keys, ids, domain types and SDK wire types: no HTTP, no SQL, no async.
