-- Times are milliseconds since 1970 UTC. `id`s that clients see are 24 lower-case hex digits.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
    uid           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    client_id     TEXT    NOT NULL UNIQUE,
    -- In clear: it is the key of the webhook cipher.
    client_secret TEXT    NOT NULL UNIQUE,
    -- Counted up by a rotation, so that older tokens are refused.
    generation    INTEGER NOT NULL DEFAULT 1,
    -- NULL: the server's default.
    compat        TEXT    CHECK (compat IN ('documented', 'live')),
    banned        INTEGER NOT NULL DEFAULT 0,
    -- What can still be spent: reservations are already taken off.
    credit        INTEGER NOT NULL CHECK (credit >= 0),
    created_at    INTEGER NOT NULL
) STRICT;

-- Every movement of credits; an amount is what it did to `accounts.credit`.
CREATE TABLE ledger (
    id         INTEGER PRIMARY KEY,
    uid        INTEGER NOT NULL REFERENCES accounts (uid),
    job        TEXT,
    entry      TEXT    NOT NULL CHECK (entry IN ('grant', 'reserve', 'settle', 'release')),
    amount     INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
-- A job is settled or released once.
CREATE UNIQUE INDEX ledger_end ON ledger (job) WHERE entry IN ('settle', 'release');
CREATE INDEX ledger_uid ON ledger (uid, id);

CREATE TABLE jobs (
    id           TEXT    PRIMARY KEY,
    uid          INTEGER NOT NULL REFERENCES accounts (uid),
    kind         TEXT    NOT NULL,
    -- 1 queueing, 2 processing, 3 completed, 4 failed
    status       INTEGER NOT NULL DEFAULT 1 CHECK (status BETWEEN 1 AND 4),
    spec         TEXT    NOT NULL,
    webhook_url  TEXT,
    message      INTEGER NOT NULL,
    -- The fence: how often the message had been read when this attempt began.
    attempt      INTEGER NOT NULL DEFAULT 0,
    -- Attempts that ended without blame: handed back by a stopping worker.
    excused      INTEGER NOT NULL DEFAULT 0,
    progress     INTEGER NOT NULL DEFAULT 0,
    reserved     INTEGER NOT NULL DEFAULT 0,
    cost         INTEGER NOT NULL DEFAULT 0,
    error_code   INTEGER NOT NULL DEFAULT 0,
    error_reason TEXT    NOT NULL DEFAULT '',
    -- A JSON list of sentences: what could be better in what was sent.
    warnings     TEXT    NOT NULL DEFAULT '[]',
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_uid ON jobs (uid, kind, created_at);
CREATE INDEX jobs_open ON jobs (uid) WHERE status IN (1, 2);

CREATE TABLE files (
    -- The unguessable last part of the link.
    name         TEXT    PRIMARY KEY,
    -- Where the bytes lie in the store.
    key          TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    bytes        INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    -- NULL: as long as the record that shows it.
    expires_at   INTEGER
) STRICT;
CREATE INDEX files_expiry ON files (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX files_key ON files (key);

CREATE TABLE videos (
    id          TEXT    PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    uid         INTEGER NOT NULL,
    video_id    TEXT    NOT NULL UNIQUE,
    task_id     TEXT    NOT NULL UNIQUE,
    -- 4 talking avatar, 5 talking photo, 9 lip-sync
    type        INTEGER NOT NULL,
    -- How offsets were read: top_left or center; NULL until the sizes of the media are known.
    anchor      TEXT,
    seconds     REAL    NOT NULL DEFAULT 0,
    file        TEXT    REFERENCES files (name) ON DELETE SET NULL
) STRICT;
-- Whoever deletes a file looks for what refers to it.
CREATE INDEX videos_file ON videos (file);

CREATE TABLE avatars (
    id          TEXT    PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    uid         INTEGER NOT NULL,
    avatar_id   TEXT    NOT NULL,
    type        INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    -- The key in the store of what is driven; NULL until it was fetched and found good.
    media       TEXT,
    footage     INTEGER NOT NULL DEFAULT 0,
    -- The link to the upload, and to its small picture.
    file        TEXT    REFERENCES files (name) ON DELETE SET NULL,
    thumbnail   TEXT    REFERENCES files (name) ON DELETE SET NULL,
    UNIQUE (uid, avatar_id)
) STRICT;
CREATE INDEX avatars_file ON avatars (file);
CREATE INDEX avatars_thumbnail ON avatars (thumbnail);
CREATE INDEX avatars_media ON avatars (media);

CREATE TABLE idempotency (
    uid        INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    -- SHA-256 of method, path and body.
    request    TEXT    NOT NULL,
    answer     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (uid, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE webhooks (
    id           TEXT    PRIMARY KEY,
    uid          INTEGER NOT NULL,
    job          TEXT    NOT NULL,
    -- The status that it tells: 2, then 3 or 4.
    status       INTEGER NOT NULL,
    url          TEXT    NOT NULL,
    -- Exactly what is posted, each time.
    body         TEXT    NOT NULL,
    -- NULL while an earlier one of the same job is under way.
    message      INTEGER,
    tries        INTEGER NOT NULL DEFAULT 0,
    state        TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up')),
    last_answer  TEXT    NOT NULL DEFAULT '',
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
-- One callback for the start, one for the end.
CREATE UNIQUE INDEX webhooks_start ON webhooks (job) WHERE status = 2;
CREATE UNIQUE INDEX webhooks_end ON webhooks (job) WHERE status <> 2;
CREATE INDEX webhooks_age ON webhooks (updated_at) WHERE state <> 'waiting';
