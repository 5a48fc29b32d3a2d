-- What each account is, and whether it reaches every organisation. Who had an account so far could do everything.
ALTER TABLE user ADD COLUMN role TEXT NOT NULL DEFAULT 'administrator';
ALTER TABLE user ADD COLUMN everywhere INTEGER NOT NULL DEFAULT 1;

-- The organisations of an account that does not.
CREATE TABLE user_organisation (
    organisation BLOB NOT NULL REFERENCES organisation ON DELETE CASCADE,
    user BLOB NOT NULL REFERENCES user ON DELETE CASCADE,
    PRIMARY KEY (organisation, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_organisation_user ON user_organisation (user);
