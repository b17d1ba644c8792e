-- Uploads in parts that were neither completed nor given up.
CREATE TABLE open_uploads (
    account    TEXT    NOT NULL,
    region     TEXT    NOT NULL,
    bucket     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    user_name  TEXT    NOT NULL,
    touched_at INTEGER NOT NULL,
    PRIMARY KEY (account, region, bucket, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_uploads_by_time ON open_uploads (touched_at);
