-- Organisation id leads every key of tenants' data. Times are seconds since 1970; ids are 16 bytes.

-- Which installation this is; the key store holds the same id.
CREATE TABLE installation (
    id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE organisation (
    organisation BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription (
    organisation BLOB NOT NULL REFERENCES organisation,
    subscription BLOB NOT NULL,
    device BLOB,
    product TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER,
    PRIMARY KEY (organisation, subscription)
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    organisation BLOB NOT NULL REFERENCES organisation,
    token BLOB NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    uses INTEGER NOT NULL,
    uses_left INTEGER NOT NULL CHECK (uses_left >= 0),
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (organisation, token)
) STRICT, WITHOUT ROWID;

-- state: 0 active, 1 revoked. platform: 0 linux, 1 windows, 2 macos.
CREATE TABLE device (
    organisation BLOB NOT NULL REFERENCES organisation,
    device BLOB NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    platform INTEGER NOT NULL,
    agent TEXT NOT NULL,
    policy INTEGER NOT NULL DEFAULT 0,
    enrolled_at INTEGER NOT NULL,
    last_contact INTEGER,
    sequence INTEGER NOT NULL DEFAULT 0,
    report_check BLOB,
    suspected_clone INTEGER NOT NULL DEFAULT 0,
    token BLOB NOT NULL,
    key_hash BLOB NOT NULL,
    serial BLOB,
    not_before INTEGER,
    not_after INTEGER,
    PRIMARY KEY (organisation, device)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX device_key ON device (organisation, key_hash);
CREATE INDEX device_id ON device (device);

-- blind: keyed hash of the value for equality; sealed: the value under the device's data key.
-- expires_at is 9223372036854775807 while a subscription without an end documents the field.
CREATE TABLE observation (
    organisation BLOB NOT NULL,
    device BLOB NOT NULL,
    field TEXT NOT NULL,
    blind BLOB NOT NULL,
    sealed BLOB NOT NULL,
    first_seen INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (organisation, device, field, blind),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
-- Most values are held for the service: an index of those with an end alone spares each report a page.
CREATE INDEX observation_expiry ON observation (expires_at) WHERE expires_at < 9223372036854775807;
CREATE INDEX observation_blind ON observation (organisation, field, blind);

-- mark: keyed hash of the device's id.
CREATE TABLE tombstone (
    organisation BLOB NOT NULL,
    mark BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (organisation, mark)
) STRICT, WITHOUT ROWID;

-- Data keys that must be destroyed after the delete above has committed; a restart finishes what was begun.
CREATE TABLE key_to_destroy (
    organisation BLOB NOT NULL,
    device BLOB NOT NULL,
    PRIMARY KEY (organisation, device)
) STRICT, WITHOUT ROWID;

-- The newest change of each device: what an index of opened values reads to keep up.
CREATE TABLE device_change (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation BLOB NOT NULL,
    device BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX device_change_device ON device_change (organisation, device);

CREATE TABLE policy (
    version INTEGER NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    signature TEXT NOT NULL,
    published_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
    user BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    password_hash TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_link (
    secret_hash BLOB NOT NULL PRIMARY KEY,
    user BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    form_secret BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    idle_until INTEGER NOT NULL,
    absolute_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user);
