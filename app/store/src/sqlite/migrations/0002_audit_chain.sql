-- Every record has a number and a hash over the record before it (docs/adr/0004-audit-chain.md). Records from before are moved over
-- and chained by `audit::chain_old_records`, which drops the old table.

DROP INDEX audit_by_actor;
DROP INDEX audit_by_operation;
DROP INDEX audit_by_resource;
DROP INDEX audit_by_account;
DROP INDEX audit_of_changes;
ALTER TABLE audit RENAME TO audit_before_the_chain;

CREATE TABLE audit (
    id             TEXT    NOT NULL PRIMARY KEY,
    seq            INTEGER NOT NULL UNIQUE,
    hash           TEXT    NOT NULL,
    operation_id   TEXT    NOT NULL,
    at             INTEGER NOT NULL,
    actor          TEXT    NOT NULL,
    operation      TEXT    NOT NULL,
    change         INTEGER NOT NULL CHECK (change IN (0, 1)),
    account        TEXT,
    region         TEXT,
    resource       TEXT    NOT NULL,
    outcome        TEXT    NOT NULL,
    error          TEXT,
    detail         TEXT    NOT NULL,
    before         TEXT    NOT NULL, -- JSON: an object of texts
    after          TEXT    NOT NULL,
    duration_ms    INTEGER NOT NULL,
    request_id     TEXT    NOT NULL,
    aws_request_id TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_operation ON audit (operation, id);
CREATE INDEX audit_by_resource ON audit (resource, id);
CREATE INDEX audit_by_account ON audit (account, id);
CREATE INDEX audit_of_changes ON audit (id) WHERE change = 1;
