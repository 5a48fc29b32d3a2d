-- How far time has come, in one row: the latest time that was seen and believed, and since when a later one is not.
CREATE TABLE retention_time (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    high_water INTEGER NOT NULL,
    ahead_since INTEGER
) STRICT;

-- What the last purge did, in one row. log_kept_since: since when readers keep the write-ahead log from being emptied.
CREATE TABLE retention_run (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    ended_at INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    observations INTEGER NOT NULL,
    other INTEGER NOT NULL,
    log_kept_since INTEGER
) STRICT;

-- After how many days without contact an organisation's devices are asked about: never where it is NULL, the program's
-- own number where there is no row.
CREATE TABLE silence (
    organisation BLOB NOT NULL PRIMARY KEY REFERENCES organisation,
    days INTEGER
) STRICT, WITHOUT ROWID;

-- When a silent device was asked about, and when somebody last said that it is still there.
CREATE TABLE device_silence (
    organisation BLOB NOT NULL,
    device BLOB NOT NULL,
    asked_at INTEGER,
    kept_at INTEGER,
    PRIMARY KEY (organisation, device),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What must not be deleted for a while. reason: an administrator's text. device: one device only, or all.
CREATE TABLE legal_hold (
    organisation BLOB NOT NULL REFERENCES organisation,
    hold BLOB NOT NULL,
    device BLOB,
    reason TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    PRIMARY KEY (organisation, hold)
) STRICT, WITHOUT ROWID;
