-- What was erased and is refused until expires_at. kind: 1 a username, mark is its blind-index entry; 2 by what a source
-- knew an erased device, mark is that of its link or the blind-index entry of its number; 3 the organisation, mark is its
-- id. erased_at: since when it is refused.
CREATE TABLE erased (
    organisation bytea NOT NULL,
    kind bigint NOT NULL,
    mark bytea NOT NULL,
    erased_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (organisation, kind, mark)
);
CREATE INDEX erased_expiry ON erased (expires_at);

-- Data keys that a device's values have been sealed with anew, and that take the place of its former one once that is
-- committed; a restart finishes what was begun. newest: 0 where another one has followed.
CREATE TABLE key_to_rotate (
    organisation bytea NOT NULL,
    device bytea NOT NULL,
    rotation bytea NOT NULL,
    newest bigint NOT NULL,
    PRIMARY KEY (organisation, device, rotation)
);

-- What receipts tell, and their entries in the ledger. Like the ledger they outlive what was erased.
CREATE TABLE receipt (
    organisation bytea NOT NULL,
    receipt bytea NOT NULL,
    entry bigint NOT NULL,
    facts bytea NOT NULL,
    PRIMARY KEY (organisation, receipt)
);
