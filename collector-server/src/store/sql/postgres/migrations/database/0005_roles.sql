-- What each account is, and whether it reaches every organisation. Who had an account so far could do everything.
ALTER TABLE "user" ADD COLUMN role text NOT NULL DEFAULT 'administrator';
ALTER TABLE "user" ADD COLUMN everywhere bigint NOT NULL DEFAULT 1;

-- The organisations of an account that does not.
CREATE TABLE user_organisation (
    organisation bytea NOT NULL REFERENCES organisation ON DELETE CASCADE,
    "user" bytea NOT NULL REFERENCES "user" ON DELETE CASCADE,
    PRIMARY KEY (organisation, "user")
);
CREATE INDEX user_organisation_user ON user_organisation ("user");
