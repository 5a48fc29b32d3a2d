-- Views of the inventory that an account has saved: filters, order and columns, never what was searched for.
CREATE TABLE saved_view (
    "user" bytea NOT NULL REFERENCES "user" ON DELETE CASCADE,
    name text NOT NULL,
    asked text NOT NULL,
    PRIMARY KEY ("user", name)
);
ALTER TABLE saved_view ALTER COLUMN name SET STATISTICS 0;

-- The entries of one device, by its mark: there it stands in all entries that have one.
CREATE INDEX ledger_entry_mark ON ledger_entry (organisation, substr(entry, 84, 16), idx);
