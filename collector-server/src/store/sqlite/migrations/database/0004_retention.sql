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
