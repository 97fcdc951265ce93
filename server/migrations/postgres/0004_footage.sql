-- As sqlite/0004_footage.sql.

ALTER TABLE avatars ADD COLUMN source TEXT;
ALTER TABLE avatars ADD COLUMN report TEXT;
ALTER TABLE avatars ADD COLUMN pace DOUBLE PRECISION;
CREATE INDEX avatars_source ON avatars (source) WHERE source IS NOT NULL;
