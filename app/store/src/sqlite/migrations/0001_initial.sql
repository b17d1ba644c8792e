-- Times are milliseconds since the epoch, in UTC. Words such as roles have no CHECK: a new word must not need a new table.

CREATE TABLE users (
    id            TEXT    NOT NULL PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,
    role          TEXT    NOT NULL,
    disabled      INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    last_login_at INTEGER
) STRICT, WITHOUT ROWID;

-- One row for a log-in and all that follows from it. Revoking is one UPDATE here and reaches every token.
CREATE TABLE sessions (
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    revoked    INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE tokens (
    hash       TEXT    NOT NULL PRIMARY KEY,
    session_id TEXT    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_by_session ON tokens (session_id);
CREATE INDEX tokens_by_end ON tokens (expires_at);

-- Ids are UUIDv7, so the table is written at its end and read backwards; every index carries the id as its last column
-- (WITHOUT ROWID), so that each filter is read newest first without sorting.
CREATE TABLE audit (
    id           TEXT    NOT NULL PRIMARY KEY,
    operation_id TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    operation    TEXT    NOT NULL,
    change       INTEGER NOT NULL CHECK (change IN (0, 1)),
    account      TEXT,
    region       TEXT,
    resource     TEXT    NOT NULL,
    outcome      TEXT    NOT NULL,
    error        TEXT,
    detail       TEXT    NOT NULL,
    duration_ms  INTEGER NOT NULL,
    request_id   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_operation ON audit (operation, id);
CREATE INDEX audit_by_resource ON audit (resource, id);
CREATE INDEX audit_by_account ON audit (account, id);
CREATE INDEX audit_of_changes ON audit (id) WHERE change = 1;
