//! Documents, versions, index facts and the change log on SQLite or PostgreSQL.
