-- AWS accounts that were added at run time. The colour, the regions and the source of credentials are JSON; secrets in it are sealed.
CREATE TABLE accounts (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    color       TEXT    NOT NULL,
    regions     TEXT    NOT NULL,
    credentials TEXT    NOT NULL,
    revision    TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    updated_by  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Scopes that people keep; accounts and regions as they stand in an address.
CREATE TABLE saved_scopes (
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    accounts TEXT NOT NULL,
    regions  TEXT NOT NULL,
    PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;
