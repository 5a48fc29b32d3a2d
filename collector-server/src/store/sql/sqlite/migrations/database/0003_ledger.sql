-- The ledger. It is one tree for the installation, for its order across organisations is what is proven: its index
-- leads the key. The organisation is read out of the entry, so that there is no second copy to differ from it; zeros
-- stand for the installation itself.
CREATE TABLE ledger_entry (
    idx INTEGER NOT NULL PRIMARY KEY CHECK (idx >= 0),
    entry BLOB NOT NULL,
    leaf BLOB NOT NULL,
    organisation BLOB NOT NULL GENERATED ALWAYS AS (substr(entry, 18, 16)) VIRTUAL
) STRICT;
CREATE INDEX ledger_entry_organisation ON ledger_entry (organisation, idx);

-- The newest head, one row: it is signed anew with every entry, in the entry's own transaction.
CREATE TABLE ledger_head (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 0),
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    time INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;
