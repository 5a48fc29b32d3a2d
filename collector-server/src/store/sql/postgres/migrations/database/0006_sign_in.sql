-- The second factor of an account: its secret, sealed, and the step of the last code that was taken, for a code counts
-- once.
CREATE TABLE second_factor (
    "user" bytea NOT NULL PRIMARY KEY REFERENCES "user" ON DELETE CASCADE,
    sealed bytea NOT NULL,
    set_at bigint NOT NULL,
    last_step bigint NOT NULL
);

-- SHA-256 of recovery codes that are not spent yet.
CREATE TABLE recovery_code (
    "user" bytea NOT NULL REFERENCES "user" ON DELETE CASCADE,
    hash bytea NOT NULL,
    PRIMARY KEY ("user", hash)
);

-- Who signs in through an identity provider. mark: SHA-256 of the provider and its name for the person.
CREATE TABLE provider_account (
    mark bytea NOT NULL PRIMARY KEY,
    "user" bytea NOT NULL REFERENCES "user" ON DELETE CASCADE
);
CREATE INDEX provider_account_user ON provider_account ("user");

-- 1 where the session began at an identity provider, whose second factor counts.
ALTER TABLE session ADD COLUMN by_provider bigint NOT NULL DEFAULT 0;

ALTER TABLE second_factor ALTER COLUMN sealed SET STATISTICS 0;
ALTER TABLE recovery_code ALTER COLUMN hash SET STATISTICS 0;
ALTER TABLE provider_account ALTER COLUMN mark SET STATISTICS 0;
