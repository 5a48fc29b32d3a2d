-- Tokens for the API, each known by the SHA-256 of its secret.
CREATE TABLE api_token (
    api_token bytea NOT NULL PRIMARY KEY,
    secret_hash bytea NOT NULL UNIQUE,
    name text NOT NULL,
    -- The account whose role and reach it has; none for a service's, which has its own.
    "user" bytea REFERENCES "user" ON DELETE CASCADE,
    role text,
    everywhere bigint NOT NULL,
    -- Names of scopes, with a space between two.
    scopes text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    -- To the hour.
    last_used bigint
);
CREATE INDEX api_token_user ON api_token ("user");
CREATE INDEX api_token_expires_at ON api_token (expires_at);

-- The organisations of a service's token that does not reach all.
CREATE TABLE api_token_organisation (
    organisation bytea NOT NULL REFERENCES organisation ON DELETE CASCADE,
    api_token bytea NOT NULL REFERENCES api_token ON DELETE CASCADE,
    PRIMARY KEY (organisation, api_token)
);
CREATE INDEX api_token_organisation_token ON api_token_organisation (api_token);

-- What was answered to a request that may be sent again, sealed by a key that only the token's secret gives.
CREATE TABLE api_answer (
    api_token bytea NOT NULL REFERENCES api_token ON DELETE CASCADE,
    key_hash bytea NOT NULL,
    body_hash bytea NOT NULL,
    -- None while the first request is being worked off.
    answer bytea,
    expires_at bigint NOT NULL,
    PRIMARY KEY (api_token, key_hash)
);
CREATE INDEX api_answer_expires_at ON api_answer (expires_at);
