-- Requests of people whose data is held. kind, state, ending, ground, responsibility, method, extension: the numbers of
-- the program's lists; ending and ground are those of an answer that is proposed or final. identified_by, proposed_by: an
-- account, or zeros for the command line. details: what was said, sealed under a key made of the organisation's.
-- contact_until and record_until: when details and all else go, once it is closed.
CREATE TABLE request (
    organisation BLOB NOT NULL REFERENCES organisation,
    request BLOB NOT NULL,
    version INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    extension INTEGER,
    state INTEGER NOT NULL,
    ending INTEGER,
    ground INTEGER,
    proposed_by BLOB,
    responsibility INTEGER,
    method INTEGER,
    established INTEGER,
    identified_by BLOB,
    identified_at INTEGER,
    held INTEGER NOT NULL,
    closed_at INTEGER,
    contact_until INTEGER,
    record_until INTEGER,
    details BLOB,
    PRIMARY KEY (organisation, request)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_id ON request (request);
CREATE INDEX request_contact ON request (contact_until);
CREATE INDEX request_record ON request (record_until);

-- What is to be done for a request. kind: 1 a device, 2 a username, 3 a row of the policy, 4 a recipient. named: sealed
-- like details. done: 0 open, 1 done, 2 passed over.
CREATE TABLE request_task (
    organisation BLOB NOT NULL,
    request BLOB NOT NULL,
    task INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    device BLOB,
    named BLOB,
    done INTEGER NOT NULL,
    done_at INTEGER,
    receipt BLOB,
    PRIMARY KEY (organisation, request, task),
    FOREIGN KEY (organisation, request) REFERENCES request ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Requests that have no record any more.
CREATE TABLE request_count (
    organisation BLOB NOT NULL REFERENCES organisation,
    year INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    ending INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY (organisation, year, kind, ending)
) STRICT, WITHOUT ROWID;

-- Devices that technicians do not see. meanwhile: 1 until the request is closed, 0 until it is lifted.
CREATE TABLE device_restriction (
    organisation BLOB NOT NULL,
    device BLOB NOT NULL,
    request BLOB NOT NULL,
    meanwhile INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (organisation, device, request),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Values that were corrected. said: blind-index entry of what the agent says; blind: that of what it should be; sealed:
-- both, under the key of the request.
CREATE TABLE correction (
    organisation BLOB NOT NULL,
    device BLOB NOT NULL,
    field TEXT NOT NULL,
    said BLOB NOT NULL,
    blind BLOB NOT NULL,
    request BLOB NOT NULL,
    sealed BLOB NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (organisation, device, field, said),
    FOREIGN KEY (organisation, device) REFERENCES device ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
