//! Where the two engines want another text for the same thing.

/// The words that differ.
pub(crate) struct Dialect {
    /// Function of a text and a needle: the place of the needle, 0 where there is none.
    pub(crate) position: &'static str,
    /// Opens and closes a table of one column, `key`, made of a list parameter.
    pub(crate) list: (&'static str, &'static str),
    /// Around the values of which a column has one, behind the column. PostgreSQL sees how many they are, and reads an index
    /// for all of them at once.
    pub(crate) among: (&'static str, &'static str),
    /// Behind `ix p`: facts are looked up by the key of their document. SQLite would go through all facts of a field
    /// for each document, wherever their values are not given.
    pub(crate) by_key: &'static str,
}

pub(crate) const SQLITE: Dialect = Dialect {
    position: "instr",
    list: ("(SELECT value AS key FROM json_each(", "))"),
    among: (" IN (SELECT value FROM json_each(", "))"),
    by_key: " INDEXED BY ix_by_key",
};

pub(crate) const POSTGRES: Dialect = Dialect {
    position: "strpos",
    list: ("(SELECT unnest(", "::text[]) COLLATE \"C\" AS key)"),
    among: (" = ANY(", "::text[])"),
    by_key: "",
};
