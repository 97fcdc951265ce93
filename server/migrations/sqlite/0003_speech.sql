-- Speech: voices that callers had made, what was spoken, previews of the official voices, captions.

CREATE TABLE voices (
    id          TEXT    PRIMARY KEY,
    uid         INTEGER NOT NULL,
    -- What made it: a job of its own with the same id, or a job that also speaks. NULL: that job's record was deleted.
    job         TEXT    REFERENCES jobs (id) ON DELETE SET NULL,
    voice_id    TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    -- Said in its preview; empty: the sample of its language.
    text        TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    -- Female, Male or nothing.
    gender      TEXT    NOT NULL DEFAULT '',
    -- JSON lists of what the client calls it.
    style       TEXT    NOT NULL DEFAULT '[]',
    age         TEXT    NOT NULL DEFAULT '[]',
    scenario    TEXT    NOT NULL DEFAULT '[]',
    -- Whether the client said that the person agrees; NULL: not said.
    consent     INTEGER,
    source      TEXT    NOT NULL,
    -- Seconds of the recording that it was matched to.
    seconds     REAL    NOT NULL DEFAULT 0,
    -- A JSON recipe; NULL until the voice was matched.
    recipe      TEXT,
    -- To the recording, -1 to 1.
    similarity  REAL,
    preview     TEXT    REFERENCES files (name) ON DELETE SET NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX voices_uid ON voices (uid, created_at);
CREATE INDEX voices_job ON voices (job);
CREATE INDEX voices_preview ON voices (preview);

CREATE TABLE audios (
    id          TEXT    PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    uid         INTEGER NOT NULL,
    input_text  TEXT    NOT NULL,
    -- As the older calls write it: 100%.
    rate        TEXT    NOT NULL,
    -- The `_id` of the voice, and what its record said.
    voice       TEXT    NOT NULL,
    voice_id    TEXT    NOT NULL,
    voice_name  TEXT    NOT NULL,
    gender      TEXT    NOT NULL,
    -- A JSON object: the options that were taken.
    options     TEXT    NOT NULL,
    format      TEXT    NOT NULL CHECK (format IN ('mp3', 'wav')),
    seconds     REAL    NOT NULL DEFAULT 0,
    file        TEXT    REFERENCES files (name) ON DELETE SET NULL
) STRICT;
CREATE INDEX audios_file ON audios (file);

-- Of the official voices, by `voice_id`.
CREATE TABLE previews (
    voice TEXT PRIMARY KEY,
    file  TEXT NOT NULL REFERENCES files (name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX previews_file ON previews (file);

-- Of audios and videos.
CREATE TABLE captions (
    job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    srt TEXT REFERENCES files (name) ON DELETE SET NULL,
    vtt TEXT REFERENCES files (name) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX captions_srt ON captions (srt);
CREATE INDEX captions_vtt ON captions (vtt);
