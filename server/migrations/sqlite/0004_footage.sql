-- Prepared footage: what an avatar's video is worth.

-- SHA-256 of the video; its pack is kept by that, and goes with the last avatar that is made of it.
ALTER TABLE avatars ADD COLUMN source TEXT;
-- A JSON report on the footage; NULL for photos.
ALTER TABLE avatars ADD COLUMN report TEXT;
-- Seconds of video that were made of it in a second; NULL where nobody asked.
ALTER TABLE avatars ADD COLUMN pace REAL;
CREATE INDEX avatars_source ON avatars (source) WHERE source IS NOT NULL;
