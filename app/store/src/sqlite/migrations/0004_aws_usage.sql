-- Calls to AWS, counted. The error is empty for calls that went well; the cost is in millionths of a US dollar.
CREATE TABLE aws_usage (
    day         TEXT    NOT NULL,
    user        TEXT    NOT NULL,
    account     TEXT    NOT NULL,
    service     TEXT    NOT NULL,
    operation   TEXT    NOT NULL,
    error       TEXT    NOT NULL,
    calls       INTEGER NOT NULL,
    cost_micros INTEGER NOT NULL,
    PRIMARY KEY (day, user, account, service, operation, error)
) STRICT, WITHOUT ROWID;
