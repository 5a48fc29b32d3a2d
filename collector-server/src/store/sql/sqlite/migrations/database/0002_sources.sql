-- Values say where they come from, and devices without an agent have a place. The tables are made anew, for a key and
-- what may be NULL cannot be changed; what points to another goes first, so that the references hold throughout.

-- A device without an agent has no platform, agent, token and key: records of other products alone speak of it.
CREATE TABLE device_next (
    organisation BLOB NOT NULL REFERENCES organisation,
    device BLOB NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    platform INTEGER,
    agent TEXT,
    policy INTEGER NOT NULL DEFAULT 0,
    enrolled_at INTEGER NOT NULL,
    last_contact INTEGER,
    sequence INTEGER NOT NULL DEFAULT 0,
    report_check BLOB,
    record_sequence INTEGER NOT NULL DEFAULT 0,
    record_check BLOB,
    suspected_clone INTEGER NOT NULL DEFAULT 0,
    speaks_for_site INTEGER NOT NULL DEFAULT 0,
    token BLOB,
    key_hash BLOB,
    serial BLOB,
    not_before INTEGER,
    not_after INTEGER,
    PRIMARY KEY (organisation, device),
    CHECK ((platform IS NULL) = (agent IS NULL)
       AND (platform IS NULL) = (token IS NULL)
       AND (platform IS NULL) = (key_hash IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO device_next (organisation, device, state, platform, agent, policy, enrolled_at, last_contact, sequence,
                         report_check, suspected_clone, token, key_hash, serial, not_before, not_after)
    SELECT organisation, device, state, platform, agent, policy, enrolled_at, last_contact, sequence,
           report_check, suspected_clone, token, key_hash, serial, not_before, not_after
    FROM device;

-- source: whose records, 'native' for what the agent itself reports; product: whose rows govern it, '' for native,
-- where all of the device's products do.
CREATE TABLE observation_next (
    organisation BLOB NOT NULL,
    device BLOB NOT NULL,
    field TEXT NOT NULL,
    blind BLOB NOT NULL,
    source TEXT NOT NULL,
    product TEXT NOT NULL,
    sealed BLOB NOT NULL,
    first_seen INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (organisation, device, field, blind, source, product),
    FOREIGN KEY (organisation, device) REFERENCES device_next ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO observation_next
    SELECT organisation, device, field, blind, 'native', '', sealed, first_seen, expires_at FROM observation;

DROP TABLE observation;
DROP TABLE device;
ALTER TABLE device_next RENAME TO device;
ALTER TABLE observation_next RENAME TO observation;
CREATE UNIQUE INDEX device_key ON device (organisation, key_hash) WHERE key_hash IS NOT NULL;
CREATE INDEX device_id ON device (device);
CREATE INDEX observation_expiry ON observation (expires_at) WHERE expires_at < 9223372036854775807;
CREATE INDEX observation_blind ON observation (organisation, field, blind);

-- By what the next record of a device is known. mark: keyed hash of a link token, or of what a source said; neither is
-- stored. kind: 0 a link token, 1 a link token whose records were set apart, 2 a record without link tokens, as it was
-- last said.
CREATE TABLE link (
    organisation BLOB NOT NULL,
    mark BLOB NOT NULL,
    device BLOB NOT NULL,
    source TEXT NOT NULL,
    product TEXT NOT NULL,
    kind INTEGER NOT NULL,
    PRIMARY KEY (organisation, mark, device, source, product),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX link_device ON link (organisation, device, source, product, kind);

-- When a device went: the mark of that change is kept until every index has had time to read it.
ALTER TABLE device_change ADD COLUMN gone_at INTEGER;
UPDATE device_change SET gone_at = 0
    WHERE (organisation, device) NOT IN (SELECT organisation, device FROM device);
CREATE INDEX device_change_gone ON device_change (gone_at) WHERE gone_at IS NOT NULL;
