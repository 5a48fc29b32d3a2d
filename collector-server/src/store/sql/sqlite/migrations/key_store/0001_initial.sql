-- The key store: kept apart from the data and outside data backups, so that a destroyed key stays destroyed.
-- Every key is wrapped by the key-encryption key.

-- Which installation this is; the database holds the same id.
CREATE TABLE installation (
    id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE installation_key (
    purpose TEXT NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organisation_key (
    organisation BLOB NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device_key (
    organisation BLOB NOT NULL,
    device BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (organisation, device)
) STRICT, WITHOUT ROWID;
