-- The queue in pgmq (1.5 or newer: message headers), installed before this file is run; its SQL-only install is enough.
--
-- All of the service's queues are one queue of pgmq, as they are one table in sqlite/0002_queue.sql: a message's number says all about it.
-- Its headers: `queue`; `x-pgmq-group`; `leased`, while somebody has it in hand; `reason`, when it was buried.
-- pgmq fences nothing and reads in sequence only. So sending and burying are its functions, and the rest are those below, on its tables.
-- They take the time as an argument: it is the service's clock, which tests move.

DO $$
BEGIN
    IF to_regnamespace('pgmq') IS NULL THEN
        RAISE EXCEPTION 'pgmq is missing: install it into this database first, by CREATE EXTENSION pgmq or by its SQL script';
    END IF;
END
$$;

SELECT pgmq.create('mouthpiece');

CREATE INDEX messages_due ON pgmq.q_mouthpiece ((headers ->> 'queue'), vt);
CREATE INDEX messages_group ON pgmq.q_mouthpiece ((headers ->> 'queue'), (headers ->> 'x-pgmq-group'), msg_id);
CREATE INDEX messages_held ON pgmq.q_mouthpiece ((headers ->> 'queue'), (headers ->> 'x-pgmq-group')) WHERE headers ? 'leased';
CREATE INDEX buried_age ON pgmq.a_mouthpiece (archived_at);

-- When a group was last served, so that groups take turns.
CREATE TABLE turns (
    queue   TEXT   NOT NULL,
    "group" TEXT   NOT NULL,
    served  BIGINT NOT NULL,
    PRIMARY KEY (queue, "group")
);
CREATE INDEX turns_served ON turns (queue, served);

CREATE FUNCTION queue_send(in_queue TEXT, in_group TEXT, body JSONB, due TIMESTAMPTZ) RETURNS BIGINT
LANGUAGE sql AS $$
    SELECT * FROM pgmq.send('mouthpiece', body, jsonb_build_object('queue', in_queue, 'x-pgmq-group', in_group), due);
$$;

-- What the next reader would get, best first: DUE of queue/sqlite.rs.
CREATE FUNCTION queue_due(in_queue TEXT, now TIMESTAMPTZ, n BIGINT, per_group BIGINT) RETURNS TABLE (id BIGINT, of_group TEXT)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE groups (name) AS (
        (SELECT headers ->> 'x-pgmq-group' FROM pgmq.q_mouthpiece WHERE headers ->> 'queue' = in_queue ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT headers ->> 'x-pgmq-group' FROM pgmq.q_mouthpiece
                WHERE headers ->> 'queue' = in_queue AND headers ->> 'x-pgmq-group' > groups.name ORDER BY 1 LIMIT 1)
        FROM groups WHERE groups.name IS NOT NULL),
    busy AS (
        SELECT headers ->> 'x-pgmq-group' AS name, count(*) AS held FROM pgmq.q_mouthpiece
        WHERE headers ->> 'queue' = in_queue AND headers ? 'leased' AND vt > now GROUP BY 1),
    due AS (
        SELECT oldest.msg_id, groups.name, row_number() OVER (PARTITION BY groups.name ORDER BY oldest.msg_id) AS place
        FROM groups CROSS JOIN LATERAL (
            SELECT m.msg_id FROM pgmq.q_mouthpiece m
            WHERE m.headers ->> 'queue' = in_queue AND m.headers ->> 'x-pgmq-group' = groups.name AND m.vt <= now
            ORDER BY m.msg_id LIMIT n) oldest)
    SELECT due.msg_id, due.name FROM due
    LEFT JOIN busy ON busy.name = due.name
    LEFT JOIN turns ON turns.queue = in_queue AND turns."group" = due.name
    WHERE due.place + coalesce(busy.held, 0) <= per_group
    ORDER BY due.place + coalesce(busy.held, 0), coalesce(turns.served, 0), due.msg_id
    LIMIT n;
$$;

CREATE FUNCTION queue_read(in_queue TEXT, now TIMESTAMPTZ, visibility INTERVAL, n BIGINT, per_group BIGINT)
RETURNS TABLE (id BIGINT, reads BIGINT, body JSONB)
LANGUAGE plpgsql AS $$
DECLARE
    picked RECORD;
BEGIN
    -- One after the other, each sees what the one before took: else turns and bounds would not hold.
    PERFORM pg_advisory_xact_lock(hashtext('mouthpiece.read.' || in_queue));
    FOR picked IN SELECT * FROM queue_due(in_queue, now, n, per_group) LOOP
        UPDATE pgmq.q_mouthpiece m
        SET vt = now + visibility, read_ct = m.read_ct + 1, headers = m.headers || '{"leased": true}'
        WHERE m.msg_id = (
            -- Whoever is just ending or extending it has it until then.
            SELECT f.msg_id FROM pgmq.q_mouthpiece f WHERE f.msg_id = picked.id AND f.vt <= now FOR UPDATE SKIP LOCKED)
        RETURNING m.msg_id, m.read_ct, m.message INTO id, reads, body;
        CONTINUE WHEN NOT FOUND;
        -- A turn is numbered and not timed, so that two in the same millisecond have an order.
        INSERT INTO turns AS t (queue, "group", served)
        VALUES (in_queue, picked.of_group, (SELECT coalesce(max(served), 0) + 1 FROM turns WHERE queue = in_queue))
        ON CONFLICT (queue, "group") DO UPDATE SET served = excluded.served;
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE FUNCTION queue_extend(in_id BIGINT, in_reads BIGINT, until TIMESTAMPTZ) RETURNS BOOLEAN
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pgmq.q_mouthpiece SET vt = until WHERE msg_id = in_id AND read_ct = in_reads AND headers ? 'leased';
    RETURN FOUND;
END
$$;

CREATE FUNCTION queue_ack(in_id BIGINT, in_reads BIGINT) RETURNS BOOLEAN
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pgmq.q_mouthpiece WHERE msg_id = in_id AND read_ct = in_reads AND headers ? 'leased';
    RETURN FOUND;
END
$$;

CREATE FUNCTION queue_retry(in_id BIGINT, in_reads BIGINT, due TIMESTAMPTZ) RETURNS BOOLEAN
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pgmq.q_mouthpiece SET vt = due, headers = headers - 'leased'
    WHERE msg_id = in_id AND read_ct = in_reads AND headers ? 'leased';
    RETURN FOUND;
END
$$;

CREATE FUNCTION queue_bury(in_id BIGINT, now TIMESTAMPTZ, why TEXT) RETURNS BOOLEAN
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pgmq.q_mouthpiece SET headers = (headers - 'leased') || jsonb_build_object('reason', why) WHERE msg_id = in_id;
    IF NOT FOUND OR NOT pgmq.archive('mouthpiece', in_id) THEN
        RETURN FALSE;
    END IF;
    -- pgmq dates it by its own clock.
    UPDATE pgmq.a_mouthpiece SET archived_at = now WHERE msg_id = in_id;
    RETURN TRUE;
END
$$;

CREATE FUNCTION queue_forget(before TIMESTAMPTZ, n BIGINT) RETURNS BIGINT
LANGUAGE plpgsql AS $$
DECLARE
    gone BIGINT;
BEGIN
    DELETE FROM pgmq.a_mouthpiece WHERE msg_id IN (SELECT msg_id FROM pgmq.a_mouthpiece WHERE archived_at <= before LIMIT n);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
