-- Tokens for the API, each known by the SHA-256 of its secret.
CREATE TABLE api_token (
    api_token BLOB NOT NULL PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The account whose role and reach it has; none for a service's, which has its own.
    user BLOB REFERENCES user ON DELETE CASCADE,
    role TEXT,
    everywhere INTEGER NOT NULL,
    -- Names of scopes, with a space between two.
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- To the hour.
    last_used INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_user ON api_token (user);
CREATE INDEX api_token_expires_at ON api_token (expires_at);

-- The organisations of a service's token that does not reach all.
CREATE TABLE api_token_organisation (
    organisation BLOB NOT NULL REFERENCES organisation ON DELETE CASCADE,
    api_token BLOB NOT NULL REFERENCES api_token ON DELETE CASCADE,
    PRIMARY KEY (organisation, api_token)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_organisation_token ON api_token_organisation (api_token);

-- What was answered to a request that may be sent again, sealed by a key that only the token's secret gives.
CREATE TABLE api_answer (
    api_token BLOB NOT NULL REFERENCES api_token ON DELETE CASCADE,
    key_hash BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    -- None while the first request is being worked off.
    answer BLOB,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (api_token, key_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_answer_expires_at ON api_answer (expires_at);
