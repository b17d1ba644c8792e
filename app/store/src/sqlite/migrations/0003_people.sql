-- What people may do in single accounts, as JSON ({"111111111111": "viewer"}): it is always read and written with the person.
ALTER TABLE users ADD COLUMN grants TEXT NOT NULL DEFAULT '{}';

-- The one link that sets a person's password, by its hash. A new one takes the place of the one before.
ALTER TABLE users ADD COLUMN link_hash TEXT;
ALTER TABLE users ADD COLUMN link_expires_at INTEGER;
CREATE UNIQUE INDEX users_by_link ON users (link_hash) WHERE link_hash IS NOT NULL;

-- The second factor: its secret, sealed; the last step of time whose code was used; the hashes of the recovery codes, as JSON.
ALTER TABLE users ADD COLUMN factor_secret TEXT;
ALTER TABLE users ADD COLUMN factor_last_step INTEGER;
ALTER TABLE users ADD COLUMN factor_recovery TEXT;

-- Where a session began.
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';

-- Tokens for programs, by their hashes.
CREATE TABLE api_tokens (
    id           TEXT    NOT NULL PRIMARY KEY,
    user_id      TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash         TEXT    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    read_only    INTEGER NOT NULL CHECK (read_only IN (0, 1)),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id);
CREATE INDEX api_tokens_by_end ON api_tokens (expires_at);
