-- What was erased, other than devices that agents run on: the same rows as the database's.
CREATE TABLE erased (
    organisation bytea NOT NULL,
    kind bigint NOT NULL,
    mark bytea NOT NULL,
    erased_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (organisation, kind, mark)
);

-- Data keys that wait to take the place of a device's own: the database says whether they do.
CREATE TABLE next_device_key (
    rotation bytea NOT NULL PRIMARY KEY,
    organisation bytea NOT NULL,
    device bytea NOT NULL,
    wrapped bytea NOT NULL
);
CREATE INDEX next_device_key_device ON next_device_key (organisation, device);

-- 1 for a device whose data key is not its first: an earlier copy of the database may hold values under another.
ALTER TABLE device_key ADD COLUMN rotated bigint NOT NULL DEFAULT 0;
