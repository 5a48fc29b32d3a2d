-- The key store: a database of its own, kept apart from the data and outside data backups, so that a destroyed key stays
-- destroyed. Every key is wrapped by the key-encryption key.

CREATE TABLE zeef_schema (
    kind text NOT NULL,
    version bigint NOT NULL
);

-- Which installation this is; the database holds the same id. generation: counts the commits; the database keeps the
-- number too: whichever is behind is an earlier copy.
CREATE TABLE installation (
    id bytea NOT NULL PRIMARY KEY,
    generation bigint NOT NULL DEFAULT 1
);

CREATE TABLE installation_key (
    purpose text COLLATE "C" NOT NULL PRIMARY KEY,
    wrapped bytea NOT NULL
);

CREATE TABLE organisation_key (
    organisation bytea NOT NULL PRIMARY KEY,
    wrapped bytea NOT NULL
);

-- revoked: 1 for a device that was revoked.
CREATE TABLE device_key (
    organisation bytea NOT NULL,
    device bytea NOT NULL,
    wrapped bytea NOT NULL,
    revoked bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (organisation, device)
);

-- Devices that were ended: the same marks as the database's tombstones, kept where no backup of the database is.
CREATE TABLE erased_device (
    organisation bytea NOT NULL,
    mark bytea NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (organisation, mark)
);

-- Accounts that were removed, by their random ids.
CREATE TABLE removed_user (
    "user" bytea NOT NULL PRIMARY KEY
);

-- The keys of backups of the database. A backup whose key is gone cannot be read.
CREATE TABLE backup_key (
    backup bytea NOT NULL PRIMARY KEY,
    wrapped bytea NOT NULL,
    expires_at bigint NOT NULL
);
