-- What was erased and is refused until expires_at. kind: 1 a username, mark is its blind-index entry; 2 by what a source
-- knew an erased device, mark is that of its link or the blind-index entry of its number; 3 the organisation, mark is its
-- id. erased_at: since when it is refused.
CREATE TABLE erased (
    organisation BLOB NOT NULL,
    kind INTEGER NOT NULL,
    mark BLOB NOT NULL,
    erased_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (organisation, kind, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_expiry ON erased (expires_at);

-- Data keys that a device's values have been sealed with anew, and that take the place of its former one once that is
-- committed; a restart finishes what was begun. newest: 0 where another one has followed.
CREATE TABLE key_to_rotate (
    organisation BLOB NOT NULL,
    device BLOB NOT NULL,
    rotation BLOB NOT NULL,
    newest INTEGER NOT NULL,
    PRIMARY KEY (organisation, device, rotation)
) STRICT, WITHOUT ROWID;

-- What receipts tell, and their entries in the ledger. Like the ledger they outlive what was erased.
CREATE TABLE receipt (
    organisation BLOB NOT NULL,
    receipt BLOB NOT NULL,
    entry INTEGER NOT NULL,
    facts BLOB NOT NULL,
    PRIMARY KEY (organisation, receipt)
) STRICT, WITHOUT ROWID;
