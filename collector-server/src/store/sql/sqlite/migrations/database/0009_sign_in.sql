-- The second factor of an account: its secret, sealed, and the step of the last code that was taken, for a code counts
-- once.
CREATE TABLE second_factor (
    user BLOB NOT NULL PRIMARY KEY REFERENCES user ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    last_step INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- SHA-256 of recovery codes that are not spent yet.
CREATE TABLE recovery_code (
    user BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    hash BLOB NOT NULL,
    PRIMARY KEY (user, hash)
) STRICT, WITHOUT ROWID;

-- Who signs in through an identity provider. mark: SHA-256 of the provider and its name for the person.
CREATE TABLE provider_account (
    mark BLOB NOT NULL PRIMARY KEY,
    user BLOB NOT NULL REFERENCES user ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_account_user ON provider_account (user);

-- 1 where the session began at an identity provider, whose second factor counts.
ALTER TABLE session ADD COLUMN by_provider INTEGER NOT NULL DEFAULT 0;
