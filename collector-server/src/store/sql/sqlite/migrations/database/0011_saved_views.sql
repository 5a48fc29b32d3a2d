-- Views of the inventory that an account has saved: filters, order and columns, never what was searched for.
CREATE TABLE saved_view (
    user BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    name TEXT NOT NULL,
    asked TEXT NOT NULL,
    PRIMARY KEY (user, name)
) STRICT, WITHOUT ROWID;

-- The entries of one device, by its mark: there it stands in all entries that have one.
CREATE INDEX ledger_entry_mark ON ledger_entry (organisation, substr(entry, 84, 16), idx);
