-- Counts the commits of this file. The database keeps the number too: whichever is behind is an earlier copy. It starts
-- ahead of the database's, so that what was erased before there was a log is carried over.
ALTER TABLE installation ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;

-- Devices that were ended: the same marks as the database's tombstones, kept where no backup of the database is.
CREATE TABLE erased_device (
    organisation BLOB NOT NULL,
    mark BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (organisation, mark)
) STRICT, WITHOUT ROWID;

-- Accounts that were removed, by their random ids.
CREATE TABLE removed_user (
    user BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- 1 for a device that was revoked.
ALTER TABLE device_key ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;

-- The keys of backups of the database. A backup whose key is gone cannot be read.
CREATE TABLE backup_key (
    backup BLOB NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
