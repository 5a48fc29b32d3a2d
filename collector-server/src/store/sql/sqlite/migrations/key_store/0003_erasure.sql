-- What was erased, other than devices that agents run on: the same rows as the database's.
CREATE TABLE erased (
    organisation BLOB NOT NULL,
    kind INTEGER NOT NULL,
    mark BLOB NOT NULL,
    erased_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (organisation, kind, mark)
) STRICT, WITHOUT ROWID;

-- Data keys that wait to take the place of a device's own: the database says whether they do.
CREATE TABLE next_device_key (
    rotation BLOB NOT NULL PRIMARY KEY,
    organisation BLOB NOT NULL,
    device BLOB NOT NULL,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX next_device_key_device ON next_device_key (organisation, device);

-- 1 for a device whose data key is not its first: an earlier copy of the database may hold values under another.
ALTER TABLE device_key ADD COLUMN rotated INTEGER NOT NULL DEFAULT 0;
