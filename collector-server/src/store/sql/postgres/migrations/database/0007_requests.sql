-- Requests of people whose data is held. kind, state, ending, ground, responsibility, method, extension: the numbers of
-- the program's lists; ending and ground are those of an answer that is proposed or final. identified_by, proposed_by: an
-- account, or zeros for the command line. details: what was said, sealed under a key made of the organisation's.
-- contact_until and record_until: when details and all else go, once it is closed.
CREATE TABLE request (
    organisation bytea NOT NULL REFERENCES organisation,
    request bytea NOT NULL,
    version bigint NOT NULL,
    kind bigint NOT NULL,
    received_at bigint NOT NULL,
    due_at bigint NOT NULL,
    extension bigint,
    state bigint NOT NULL,
    ending bigint,
    ground bigint,
    proposed_by bytea,
    responsibility bigint,
    method bigint,
    established bigint,
    identified_by bytea,
    identified_at bigint,
    held bigint NOT NULL,
    closed_at bigint,
    contact_until bigint,
    record_until bigint,
    details bytea,
    PRIMARY KEY (organisation, request)
);
CREATE INDEX request_id ON request (request);
CREATE INDEX request_contact ON request (contact_until);
CREATE INDEX request_record ON request (record_until);

-- What is to be done for a request. kind: 1 a device, 2 a username, 3 a row of the policy, 4 a recipient. named: sealed
-- like details. done: 0 open, 1 done, 2 passed over.
CREATE TABLE request_task (
    organisation bytea NOT NULL,
    request bytea NOT NULL,
    task bigint NOT NULL,
    kind bigint NOT NULL,
    device bytea,
    named bytea,
    done bigint NOT NULL,
    done_at bigint,
    receipt bytea,
    PRIMARY KEY (organisation, request, task),
    FOREIGN KEY (organisation, request) REFERENCES request ON DELETE CASCADE
);

-- Requests that have no record any more.
CREATE TABLE request_count (
    organisation bytea NOT NULL REFERENCES organisation,
    year bigint NOT NULL,
    kind bigint NOT NULL,
    ending bigint NOT NULL,
    requests bigint NOT NULL,
    PRIMARY KEY (organisation, year, kind, ending)
);

-- Devices that technicians do not see. meanwhile: 1 until the request is closed, 0 until it is lifted.
CREATE TABLE device_restriction (
    organisation bytea NOT NULL,
    device bytea NOT NULL,
    request bytea NOT NULL,
    meanwhile bigint NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (organisation, device, request),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
);

-- Values that were corrected. said: blind-index entry of what the agent says; blind: that of what it should be; sealed:
-- both, under the key of the request.
CREATE TABLE correction (
    organisation bytea NOT NULL,
    device bytea NOT NULL,
    field text COLLATE "C" NOT NULL,
    said bytea NOT NULL,
    blind bytea NOT NULL,
    request bytea NOT NULL,
    sealed bytea NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (organisation, device, field, said),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
);

-- The server's statistics take no values of these, for they would keep them when their rows are gone.
ALTER TABLE request ALTER COLUMN details SET STATISTICS 0;
ALTER TABLE request_task ALTER COLUMN named SET STATISTICS 0;
ALTER TABLE correction ALTER COLUMN said SET STATISTICS 0, ALTER COLUMN blind SET STATISTICS 0, ALTER COLUMN sealed SET STATISTICS 0;
