-- Instances that are to be terminated when nobody has undone it by then.
CREATE TABLE terminations (
    account      TEXT    NOT NULL,
    region       TEXT    NOT NULL,
    instance     TEXT    NOT NULL,
    confirmation TEXT    NOT NULL,
    user_id      TEXT    NOT NULL,
    user_name    TEXT    NOT NULL,
    operation_id TEXT    NOT NULL,
    request_id   TEXT    NOT NULL,
    asked_at     INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    PRIMARY KEY (account, region, instance)
) STRICT, WITHOUT ROWID;
CREATE INDEX terminations_by_time ON terminations (due_at);
