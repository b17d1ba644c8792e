-- The price list, as far as it was asked for: millionths of a US dollar an hour, or nothing where the list does not tell.
CREATE TABLE prices (
    region          TEXT    NOT NULL,
    instance_type   TEXT    NOT NULL,
    platform        TEXT    NOT NULL,
    micros_per_hour INTEGER,
    listed_at       INTEGER NOT NULL,
    PRIMARY KEY (region, instance_type, platform)
) STRICT, WITHOUT ROWID;
