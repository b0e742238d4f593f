-- What the server whose turn a work is tells of it, for all to read.
CREATE TABLE reports (
    work TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (work, about)
);
