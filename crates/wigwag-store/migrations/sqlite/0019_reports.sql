-- What the server whose turn a work is tells of it, for all to read.
CREATE TABLE reports (
    work TEXT NOT NULL,
    about TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (work, about)
);
