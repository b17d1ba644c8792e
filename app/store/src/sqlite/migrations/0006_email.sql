-- The address by which an identity provider may log a person in. Always lower case; nobody shares one.
ALTER TABLE users ADD COLUMN email TEXT;
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE email IS NOT NULL;

-- The one log-in at an identity provider that the address belongs to, from the first time it was used.
ALTER TABLE users ADD COLUMN bound_login TEXT;
