-- What SDK events tell is in a file of its own: see events/0002_index.sql.
SELECT 1;
