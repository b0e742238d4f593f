-- When tokens and members were last active: `token/ID`, `member/ID`.
CREATE TABLE last_uses (
    subject TEXT COLLATE "C" PRIMARY KEY, at BIGINT NOT NULL
);
