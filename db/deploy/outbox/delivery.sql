-- Taking messages out for delivery and telling what became of them: at least once, by any number of workers.
-- requires: outbox/messages
-- requires: outbox/addresses
-- requires: access/requests
-- requires: foundation/values

BEGIN;

CREATE OR REPLACE FUNCTION api.claim_messages(p_limit integer DEFAULT 20, p_lease_seconds integer DEFAULT 120)
RETURNS TABLE (
    message_id uuid, attempt integer, kind text, session_id uuid, recipient_name text, recipient_email text,
    summary jsonb
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
#variable_conflict use_column
BEGIN
    PERFORM app.begin_request(NULL, 'claim_messages', NULL);
    IF p_limit IS NULL OR p_limit NOT BETWEEN 1 AND 1000 OR p_lease_seconds IS NULL
        OR p_lease_seconds NOT BETWEEN 1 AND 86400
    THEN
        PERFORM app.fail('IV008', 'limit',
            '1 to 1000 messages and 1 to 86400 seconds',
            pg_catalog.format('%s and %s', coalesce(p_limit::text, 'none'), coalesce(p_lease_seconds::text, 'none')));
    END IF;
    -- Asked all the time: without anything due nothing is written, not even that somebody asked.
    IF NOT EXISTS (SELECT FROM app.outbox AS x
                   WHERE x.state = 'pending' AND x.next_attempt_at <= pg_catalog.clock_timestamp())
    THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH claimed AS (
        UPDATE app.outbox AS o
        SET attempts = o.attempts + 1,
            next_attempt_at = pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => p_lease_seconds)
        WHERE o.message_id IN (
            SELECT x.message_id FROM app.outbox AS x
            WHERE x.state = 'pending' AND x.next_attempt_at <= pg_catalog.clock_timestamp()
            ORDER BY x.next_attempt_at, x.message_id
            LIMIT p_limit
            FOR UPDATE SKIP LOCKED)
        RETURNING o.message_id, o.attempts, o.kind, o.session_id, o.recipient_id, o.cardholder_id, o.reminded_on, o.summary,
            o.created_at
    )
    SELECT c.message_id, c.attempts, c.kind, c.session_id, coalesce(u.user_name, app.shown(h.name_key)), coalesce(
        CASE WHEN c.created_at > pg_catalog.clock_timestamp() - interval '7 days' THEN u.email END, a.email), c.summary
    FROM claimed AS c
    LEFT JOIN app.users AS u ON u.user_id = c.recipient_id
    LEFT JOIN app.cardholders AS h ON h.cardholder_id = c.cardholder_id
    -- Who was put on the quiet list meanwhile has no address for a reminder any more; nor has anybody when its day is
    -- over, since it would come beside that of another day.
    LEFT JOIN app.cardholder_addresses AS a ON a.cardholder_id = c.cardholder_id AND NOT a.is_quiet
        AND c.reminded_on >= (pg_catalog.clock_timestamp() AT TIME ZONE 'UTC')::date
    ORDER BY c.message_id;
END
$$;
COMMENT ON FUNCTION api.claim_messages(integer, integer) IS 'Takes messages that are due out for delivery, for so many seconds: nobody else gets them until then. A worker that dies loses none: after the lease they are due again. The address is the one of now, null when there is none any more, the person is on the quiet list, the day of a reminder is over or another message was written more than seven days ago: where mail is sent again after a long time, nobody gets what is long past. Raises IV008.';
GRANT EXECUTE ON FUNCTION api.claim_messages(integer, integer) TO ccp_worker;

CREATE OR REPLACE FUNCTION api.record_delivery(
    p_message_id uuid, p_attempt integer, p_error text DEFAULT NULL, p_is_final boolean DEFAULT false
) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_state text;
BEGIN
    PERFORM app.begin_request(NULL, 'record_delivery', NULL);
    UPDATE app.outbox AS o
    SET state = CASE WHEN p_error IS NULL THEN 'sent'
            WHEN p_is_final OR o.attempts >= app.setting('mail_max_attempts') THEN 'failed' ELSE 'pending' END,
        sent_at = CASE WHEN p_error IS NULL THEN pg_catalog.clock_timestamp() END,
        last_error = app.shorten(p_error, 1000),
        next_attempt_at = CASE WHEN p_error IS NULL THEN o.next_attempt_at
            ELSE pg_catalog.clock_timestamp() + least(interval '1 minute' * 2 ^ least(o.attempts, 10), interval '6 hours') END
    -- A failure counts only for the attempt that was not overtaken; a success always.
    WHERE o.message_id = p_message_id AND o.state <> 'sent' AND (p_error IS NULL OR o.attempts = p_attempt);
    SELECT o.state INTO v_state FROM app.outbox AS o WHERE o.message_id = p_message_id;
    RETURN v_state;
END
$$;
COMMENT ON FUNCTION api.record_delivery(uuid, integer, text, boolean) IS 'Tells what became of a delivery: without error the message is sent; with one it is tried again, each time after twice the wait (2 minutes to 6 hours), until mail_max_attempts is reached or the error is final. Answers the state, null when there is no such message.';
GRANT EXECUTE ON FUNCTION api.record_delivery(uuid, integer, text, boolean) TO ccp_worker;

SELECT app.pin_entry_points();

COMMIT;
