-- Payloads that are kept to try a Lambda function with.
CREATE TABLE lambda_test_events (
    account    TEXT    NOT NULL,
    region     TEXT    NOT NULL,
    function   TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    payload    TEXT    NOT NULL,
    updated_by TEXT    NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account, region, function, name)
) STRICT, WITHOUT ROWID;
