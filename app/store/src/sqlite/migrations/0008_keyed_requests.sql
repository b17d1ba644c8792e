-- Requests with idempotency keys. The status, the content type and the body are those of the answer, and missing until there is one.
CREATE TABLE keyed_requests (
    user_id      TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    fingerprint  TEXT    NOT NULL,
    begun_at     INTEGER NOT NULL,
    forget_at    INTEGER NOT NULL,
    status       INTEGER,
    content_type TEXT,
    body         BLOB,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX keyed_requests_by_end ON keyed_requests (forget_at);
