-- Organisation id leads every key of tenants' data, so that each table can be distributed by it. Times are seconds since
-- 1970; ids are 16 bytes; flags are 0 or 1. Text is compared byte by byte.

CREATE TABLE zeef_schema (
    kind text NOT NULL,
    version bigint NOT NULL
);

-- Which installation this is; the key store holds the same id. generation: how far the key store had come when this
-- database last kept step with it. changes: counts what makes a collector read again what it remembers.
CREATE TABLE installation (
    id bytea NOT NULL PRIMARY KEY,
    generation bigint NOT NULL DEFAULT 0,
    changes bigint NOT NULL DEFAULT 0
);

CREATE TABLE organisation (
    organisation bytea NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL
);
CREATE UNIQUE INDEX organisation_name ON organisation (lower(name));

CREATE TABLE subscription (
    organisation bytea NOT NULL REFERENCES organisation,
    subscription bytea NOT NULL,
    device bytea,
    product text COLLATE "C" NOT NULL,
    starts bigint NOT NULL,
    ends bigint,
    PRIMARY KEY (organisation, subscription)
);

CREATE TABLE token (
    organisation bytea NOT NULL REFERENCES organisation,
    token bytea NOT NULL,
    secret_hash bytea NOT NULL,
    uses bigint NOT NULL,
    uses_left bigint NOT NULL CHECK (uses_left >= 0),
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL,
    revoked bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (organisation, token),
    UNIQUE (organisation, secret_hash)
);
-- An agent that enrols names no organisation: its token does.
CREATE INDEX token_secret ON token (secret_hash);

-- state: 0 active, 1 revoked. platform: 0 linux, 1 windows, 2 macos; NULL for a device without an agent.
CREATE TABLE device (
    organisation bytea NOT NULL REFERENCES organisation,
    device bytea NOT NULL,
    state bigint NOT NULL DEFAULT 0,
    platform bigint,
    agent text COLLATE "C",
    policy bigint NOT NULL DEFAULT 0,
    enrolled_at bigint NOT NULL,
    last_contact bigint,
    sequence bigint NOT NULL DEFAULT 0,
    report_check bytea,
    record_sequence bigint NOT NULL DEFAULT 0,
    record_check bytea,
    suspected_clone bigint NOT NULL DEFAULT 0,
    speaks_for_site bigint NOT NULL DEFAULT 0,
    token bytea,
    key_hash bytea,
    serial bytea,
    not_before bigint,
    not_after bigint,
    PRIMARY KEY (organisation, device),
    CHECK ((platform IS NULL) = (agent IS NULL)
       AND (platform IS NULL) = (token IS NULL)
       AND (platform IS NULL) = (key_hash IS NULL))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX device_key ON device (organisation, key_hash) WHERE key_hash IS NOT NULL;
CREATE INDEX device_id ON device (device);

-- blind: keyed hash of the value for equality; sealed: the value under the device's data key. source: whose records,
-- 'native' for what the agent itself reports; product: whose rows govern it, '' for native, where all of the device's
-- products do. expires_at is 9223372036854775807 while a subscription without an end documents the field.
CREATE TABLE observation (
    organisation bytea NOT NULL,
    device bytea NOT NULL,
    field text COLLATE "C" NOT NULL,
    blind bytea NOT NULL,
    source text COLLATE "C" NOT NULL,
    product text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL,
    first_seen bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (organisation, device, field, blind, source, product),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
);
CREATE INDEX observation_expiry ON observation (expires_at) WHERE expires_at < 9223372036854775807;
CREATE INDEX observation_blind ON observation (organisation, field, blind);

-- By what the next record of a device is known. mark: keyed hash of a link token, or of what a source said; neither is
-- stored. kind: 0 a link token, 1 a link token whose records were set apart, 2 a record without link tokens, as it was
-- last said.
CREATE TABLE link (
    organisation bytea NOT NULL,
    mark bytea NOT NULL,
    device bytea NOT NULL,
    source text COLLATE "C" NOT NULL,
    product text COLLATE "C" NOT NULL,
    kind bigint NOT NULL,
    PRIMARY KEY (organisation, mark, device, source, product),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
);
CREATE INDEX link_device ON link (organisation, device, source, product, kind);

-- mark: keyed hash of the device's id.
CREATE TABLE tombstone (
    organisation bytea NOT NULL,
    mark bytea NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (organisation, mark)
);

-- Data keys that must be destroyed after the delete above has committed; a restart finishes what was begun.
CREATE TABLE key_to_destroy (
    organisation bytea NOT NULL,
    device bytea NOT NULL,
    PRIMARY KEY (organisation, device)
);

-- What the key store must be told once the change above it has committed; a restart finishes what was begun.
-- kind: 0 whether a device is revoked, 1 an account that was removed (its organisation is empty).
CREATE TABLE key_store_note (
    kind bigint NOT NULL,
    organisation bytea NOT NULL,
    id bytea NOT NULL,
    PRIMARY KEY (organisation, kind, id)
);

-- The newest change of each device: what an index of opened values reads to keep up. sequence: the number of the
-- transaction that made it. gone_at: when a device went; the mark is kept until every index has had time to read it.
CREATE TABLE device_change (
    sequence bigint NOT NULL,
    organisation bytea NOT NULL,
    device bytea NOT NULL,
    gone_at bigint,
    PRIMARY KEY (organisation, device)
) WITH (fillfactor = 80);
CREATE INDEX device_change_sequence ON device_change (sequence);
CREATE INDEX device_change_gone ON device_change (gone_at) WHERE gone_at IS NOT NULL;

CREATE TABLE policy (
    version bigint NOT NULL PRIMARY KEY,
    document text NOT NULL,
    signature text NOT NULL,
    published_at bigint NOT NULL
);

CREATE TABLE "user" (
    "user" bytea NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    password_hash text,
    created_at bigint NOT NULL
);
CREATE UNIQUE INDEX user_name ON "user" (lower(name));

CREATE TABLE sign_in_link (
    secret_hash bytea NOT NULL PRIMARY KEY,
    "user" bytea NOT NULL REFERENCES "user" ON DELETE CASCADE,
    expires_at bigint NOT NULL
);

CREATE TABLE session (
    token_hash bytea NOT NULL PRIMARY KEY,
    "user" bytea NOT NULL REFERENCES "user" ON DELETE CASCADE,
    form_secret bytea NOT NULL,
    created_at bigint NOT NULL,
    idle_until bigint NOT NULL,
    absolute_until bigint NOT NULL
);
CREATE INDEX session_user_index ON session ("user");

-- The ledger. It is one tree for the installation, for its order across organisations is what is proven: its index
-- leads the key. The organisation is read out of the entry, so that there is no second copy to differ from it; zeros
-- stand for the installation itself.
CREATE TABLE ledger_entry (
    idx bigint NOT NULL PRIMARY KEY CHECK (idx >= 0),
    entry bytea NOT NULL,
    leaf bytea NOT NULL,
    organisation bytea NOT NULL GENERATED ALWAYS AS (substr(entry, 18, 16)) STORED
);
CREATE INDEX ledger_entry_organisation ON ledger_entry (organisation, idx);

-- The newest head, one row: it is signed anew with every entry, in the entry's own transaction.
CREATE TABLE ledger_head (
    "only" bigint NOT NULL PRIMARY KEY CHECK ("only" = 0),
    size bigint NOT NULL,
    frontier bytea NOT NULL,
    time bigint NOT NULL,
    signature bytea NOT NULL
);

-- How far time has come, in one row: the latest time that was seen and believed, and since when a later one is not.
CREATE TABLE retention_time (
    "only" bigint NOT NULL PRIMARY KEY CHECK ("only" = 1),
    high_water bigint NOT NULL,
    ahead_since bigint
);

-- What the last purge did, in one row. log_kept_since: since when what was deleted could not be removed for good.
CREATE TABLE retention_run (
    "only" bigint NOT NULL PRIMARY KEY CHECK ("only" = 1),
    ended_at bigint NOT NULL,
    completed bigint NOT NULL,
    observations bigint NOT NULL,
    other bigint NOT NULL,
    log_kept_since bigint
);

-- After how many days without contact an organisation's devices are asked about: never where it is NULL, the program's
-- own number where there is no row.
CREATE TABLE silence (
    organisation bytea NOT NULL PRIMARY KEY REFERENCES organisation,
    days bigint
);

-- When a silent device was asked about, and when somebody last said that it is still there.
CREATE TABLE device_silence (
    organisation bytea NOT NULL,
    device bytea NOT NULL,
    asked_at bigint,
    kept_at bigint,
    PRIMARY KEY (organisation, device),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
);

-- What must not be deleted for a while. reason: an administrator's text. device: one device only, or all.
CREATE TABLE legal_hold (
    organisation bytea NOT NULL REFERENCES organisation,
    hold bytea NOT NULL,
    device bytea,
    reason text NOT NULL,
    starts bigint NOT NULL,
    ends bigint NOT NULL,
    PRIMARY KEY (organisation, hold)
);
