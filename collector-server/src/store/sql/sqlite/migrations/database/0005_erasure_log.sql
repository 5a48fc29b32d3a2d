-- How far the key store had come when this database last kept step with it. A database that is behind is an earlier
-- copy: what was erased since is deleted from it before anything is served.
ALTER TABLE installation ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

-- What the key store must be told once the change above it has committed; a restart finishes what was begun.
-- kind: 0 whether a device is revoked, 1 an account that was removed (its organisation is empty).
CREATE TABLE key_store_note (
    kind INTEGER NOT NULL,
    organisation BLOB NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (kind, organisation, id)
) STRICT, WITHOUT ROWID;
