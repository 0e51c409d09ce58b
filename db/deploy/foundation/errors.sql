-- The catalogue of our own SQLSTATEs: each code, the slug clients see, and what it means.
-- requires: foundation/schemas

BEGIN;

CREATE TABLE app.error_codes (
    sqlstate text NOT NULL,
    slug text NOT NULL,
    meaning text NOT NULL,
    message text NOT NULL,
    hint text NOT NULL,
    CONSTRAINT error_codes_pkey PRIMARY KEY (sqlstate),
    CONSTRAINT error_codes_slug_key UNIQUE (slug),
    CONSTRAINT error_codes_sqlstate_check CHECK (sqlstate ~ '^(IV|PM|NF|ST|RL|ZX)[0-9]{3}$'),
    CONSTRAINT error_codes_slug_check CHECK (slug ~ '^[a-z][a-z0-9_]*$')
);
COMMENT ON TABLE app.error_codes IS 'Every SQLSTATE our functions raise. Classes: IV invalid input, PM not permitted, NF not found, ST stale or wrong state, RL rule broken, ZX private to one function. A code is never used again for another meaning.';
COMMENT ON COLUMN app.error_codes.sqlstate IS 'Five characters: class of two letters and a number.';
COMMENT ON COLUMN app.error_codes.slug IS 'The code that clients see in a problem body.';
COMMENT ON COLUMN app.error_codes.meaning IS 'One sentence for people.';
COMMENT ON COLUMN app.error_codes.message IS 'The message of the error: the same for each, what was expected and got is in the detail.';
COMMENT ON COLUMN app.error_codes.hint IS 'The next step.';

INSERT INTO app.error_codes (sqlstate, slug, meaning, message, hint) VALUES
('IV001', 'invalid_json', 'The file is not JSON: syntax, encoding or a token the standard does not know.',
    'file is not JSON', 'Export the file again from the old program and do not edit it.'),
('IV002', 'invalid_text', 'A text holds a character that cannot be stored (NUL, half of a surrogate pair).',
    'file holds a character that cannot be stored', 'Export the file again from the old program and do not edit it.'),
('IV003', 'duplicate_key', 'An object of the file names the same key twice.',
    'a key comes twice', 'Decide which of the two is right and remove the other.'),
('IV004', 'too_deep', 'The file nests deeper than the limit.',
    'file nests too deep', 'Choose the activity.json of the old program.'),
('IV005', 'too_large', 'The file is larger than the limit.',
    'file is too large', 'Split the file, or have the limit raised.'),
('IV006', 'no_employees', 'The file holds no employee.',
    'file holds no employee', 'Choose the activity.json of the old program.'),
('IV007', 'not_an_object', 'The file is not one object of employees.',
    'file is not an object of employees', 'Choose the activity.json of the old program.'),
('IV008', 'invalid_argument', 'An argument is missing, too long or not one of the allowed values.',
    'argument is missing or not allowed', 'The detail says what is allowed.'),
('IV009', 'empty_file', 'The file has no content.',
    'file is empty', 'Choose the activity.json of the old program.'),
('IV010', 'wrong_type', 'A field of an employee or receipt has another JSON type than the format says.',
    'field has another type', 'Look at the field in the file.'),
('IV011', 'amount_out_of_range', 'A number is readable and larger than any amount the system keeps.',
    'a sum of amounts is out of range', 'Look for amounts that are much too large.'),
('IV012', 'duplicate_person', 'Two entries of one file are the same person.',
    'another entry is the same person', 'Decide which of the two is right and remove the other.'),
('IV013', 'no_name', 'A name holds no letter, so nobody can be found by it.',
    'a name key holds no letter', 'Give both names as printed or as name keys.'),
('IV014', 'text_too_long', 'A text that names something is longer than the system keeps.',
    'text is too long', 'Shorten it.'),
('IV018', 'card_number', 'A name, id, key or code holds a card number and would have to be shortened.',
    'a name, id or code holds a card number', 'Names, ids and codes are never shortened: choose another one.'),
('IV019', 'time_limit', 'Reading the file took longer than the time limit or was stopped; nothing of it was taken.',
    'the file takes longer than the time limit, or reading it was stopped', 'Split the file, or try when there is less to do.'),
('IV021', 'interrupted', 'A lost connection or a defect of the program ended an import; nothing of the file was taken.',
    'the import was interrupted', 'Hand the file in again.'),
('IV023', 'too_many_employees', 'The file names more employees than the limit.',
    'file names too many employees', 'Split the file, or have the setting json_max_employees raised.'),
('IV024', 'unforeseen_error', 'An employee, or the whole file, raised an error that nobody foresaw; nothing of it was taken.',
    'an error nobody foresaw', 'Tell whoever looks after the program; the message says where it happened.'),
('PM001', 'unknown_actor', 'The acting person is missing, unknown or not active.',
    'acting person is unknown or not active', 'The service sets app.actor to an active user; any other login is mapped by api.map_login.'),
('PM002', 'role_mismatch', 'The transaction runs with another role than the acting person has.',
    'acting person has another role', 'Act with the role that api.whoami() tells; a login needs that role and no other helps.'),
('PM003', 'own_card', 'Nobody acts on issues, matches or the status of their own card.',
    'nobody acts on their own card', 'Ask a colleague.'),
('PM071', 'unknown_identity', 'The identity that the token names is not linked to a user.',
    'identity is not linked to a user', 'An administrator links it by api.link_identity.'),
('PM072', 'role_not_mapped', 'The token names no role that is mapped here, or more than one.',
    'token does not name exactly one role', 'Assign exactly one application role at the issuer; an administrator maps it by api.save_role_claim.'),
('PM073', 'token_revoked', 'The token was revoked.',
    'token was revoked', 'Ask for a new token.'),
('RL071', 'last_administrator', 'The last active administrator would be gone.',
    'the last administrator stays one', 'Make somebody else an administrator first.'),
('IV071', 'control_character', 'A name holds a control character, such as a line end.',
    'name holds a control character', 'Leave out line ends, tabs and marks of writing direction.'),
('NF001', 'no_such_session', 'There is no session with this id.',
    'there is no such session', 'See report.processing_sessions.'),
('NF006', 'no_such_month', 'There is no month with this id.',
    'there is no such month', 'See report.months.'),
('NF002', 'no_such_issue', 'There is no issue with this id.',
    'there is no such issue', 'See report.validation_issues.'),
('NF003', 'no_such_user', 'There is no user with this name.',
    'there is no such user', 'See report.users; api.save_user makes one.'),
('NF004', 'no_such_cardholder', 'There is no cardholder with this id or name key, or not in this session.',
    'there is no such person', 'See report.employee_revisions.'),
('NF005', 'no_such_revision', 'There is no revision, or no receipt in it, with this id.',
    'there is no such revision or receipt', 'See report.employee_revisions and report.transactions.'),
('ST001', 'stale_version', 'Somebody changed the row after it was read.',
    'it was changed meanwhile', 'Read it again and decide on what is there now.'),
('ST002', 'wrong_state', 'The state of the row does not allow this step.',
    'state does not allow this step', 'Read it again; the detail says which state is needed.'),
('ST003', 'request_reused', 'The request id was used before with other content.',
    'request id was used before with other content', 'Choose a new request id.'),
('ST004', 'same_as_parent', 'The file is the same as the one of the parent session.',
    'files are the same as those of the parent session', 'Nothing to submit: the parent holds this content.'),
('ST005', 'parent_has_child', 'The parent session already has a later submission.',
    'parent session already has a later submission', 'Name the latest submission as parent.'),
('ST006', 'has_live_child', 'A later submission builds on this session.',
    'a later submission builds on this session', 'Do it in the later submission, or cancel that one first.'),
('ST007', 'ambiguous_alias', 'An alias would lead to itself or in a circle.',
    'alias would lead to itself or to another alias', 'Name the key the bank prints.'),
('ST010', 'card_taken', 'The cardholder is another active user already.',
    'the card has an active user already', 'Make that user inactive first, or take their card away.'),
('ST011', 'answer_expired', 'The request was answered before, and its answer is not kept any more.',
    'request was answered and its answer is not kept any more', 'Read what it made; choose a new request id for another request.'),
('ST021', 'transaction_number_reused', 'The number of the writing transaction was used before: the database was restored and its new epoch not started.',
    'number of this transaction was used before', 'After a restore the owner runs audit.start_epoch() before anybody writes.'),
('RL001', 'unreconciled', 'A commit would leave totals, hash, flags or status that do not fit the rows.',
    'what was written is not reconciled', 'Write through schema api, which keeps totals, flags, hash and status together.'),
('RL002', 'immutable', 'Rows of this table are never changed or removed.',
    'rows of this table are never changed or removed', 'Write a new row: a correction makes a new revision, a decision a new event.'),
('RL003', 'key_change', 'The key of an audited row cannot change.',
    'key of a row cannot change', 'The history of a row is found by its key: write a new row.'),
('RL005', 'history_differs', 'A table cannot be followed by its history: a column changed its type, or a name is taken.',
    'history cannot follow', 'History is never rewritten: add a column with another name, without the prefix audit_; give every relation of a report view an alias.'),
('RL004', 'nothing_accepted', 'Every employee of the file was rejected.',
    'every employee of the file was rejected', 'The list of rejects names each field.'),
('IV061', 'invalid_rule', 'A rule is given a parameter it does not know, or a value outside the parameter''s type or range.',
    'parameters do not fit the rule', 'See report.rule_parameters.'),
('PM004', 'own_user', 'Nobody changes the user, role, card or login of themselves.',
    'nobody changes their own user', 'Ask another administrator.'),
('PM005', 'not_own_session', 'A processor cancels sessions of their own that are empty or failed, and no others.',
    'processors cancel only what is their own and empty or failed', 'Ask an administrator.'),
('PM061', 'second_person_needed', 'Nobody decides on a waiver or decision they proposed themselves.',
    'nobody decides on a waiver they proposed', 'Ask a colleague who was a user before it was proposed, or have it proposed again.'),
('NF061', 'no_such_rule', 'There is no rule with this code.',
    'there is no such rule', 'See report.validation_rules.'),
('RL061', 'above_waiver_limit', 'What is at stake is unknown or above the limit of the waiver.',
    'what is at stake is unknown or above the limit of the waiver', 'Choose a higher limit; an unknown amount has to be found out first.'),
('RL081', 'above_decision_limit', 'What is at stake is unknown or above what one person of this role decides alone.',
    'what is at stake is unknown or above what one person decides alone', 'Propose it by api.propose_decision; somebody else approves it. Of a difference of amounts assign the smaller one by split and propose what to do about the rest.'),
('NF081', 'no_such_batch', 'There is no bulk decision with this id.',
    'there is no such bulk decision', 'See batch_id in report.issue_events.'),
('NF082', 'no_such_alias', 'There is no alias for this name.',
    'there is no alias for this name', 'See report.name_aliases.'),
('NF083', 'nobody_has_name', 'Nobody of a card report has the name that an alias leads to.',
    'nobody of a card report has this name', 'Name the key the bank prints; for a report that is still to come say that you are sure.'),
('RL082', 'name_of_cardholder', 'The name of the receipts is itself that of a cardholder of a report.',
    'the name of the receipts is that of a cardholder', 'Make certain that it is not the cardholder, and say that you are sure.'),
('ST081', 'alias_swapped', 'An alias was given the wrong way round: the bank prints the first name, only receipts the second.',
    'the two names are swapped', 'Give the name of the receipts first and the name the bank prints second.'),
('ST082', 'alias_taken', 'The name of the receipts has an alias to somebody else.',
    'the name has another alias', 'Withdraw that one first by api.withdraw_alias.'),
('NF020', 'no_such_pair', 'The person''s current revision does not have this charge or this receipt.',
    'there is no such charge or receipt', 'See report.open_charges, report.open_receipts and report.matches.'),
('ST020', 'nothing_decided', 'There is no decision on this pair to take back.',
    'there is no decision on the pair to take back', 'Matches of the machine are rejected, not undone.'),
('RL006', 'several_sessions', 'One statement on the receipts touches more than one session.',
    'a statement touches more than one session', 'Name the session in WHERE.'),
('RL021', 'residual_too_large', 'The difference is larger than the matching policy lets a person accept.',
    'difference is too large to be accepted', 'Use split and leave the rest open, or correct the receipt.'),
('RL022', 'pair_not_allowed', 'The two cannot belong together: another sign, no amount, or paid out of pocket.',
    'charge and receipt cannot belong together', 'Both need a readable amount of the same sign; a receipt paid out of pocket has no charge.'),
('RL023', 'over_allocated', 'Decisions on a charge or a receipt would exceed its amount.',
    'decisions exceed the amount', 'Undo or lower the other decisions on it first.'),
('IV030', 'not_a_pdf', 'The file is not a PDF, whatever its name says.',
    'file is not a PDF', 'Choose the PDF of the report.'),
('IV031', 'damaged_pdf', 'The PDF is damaged and cannot be read.',
    'PDF is damaged', 'Export the report again.'),
('IV032', 'encrypted_pdf', 'The PDF asks for a password.',
    'PDF asks for a password', 'Export the report without a password.'),
('IV033', 'no_text', 'The PDF holds no text; scans cannot be read.',
    'PDF holds no text', 'Export the report; scans cannot be read.'),
('IV034', 'wrong_report', 'The PDF is another report than the one asked for, or none of the two.',
    'PDF is another report', 'Choose the PDF of the report that is asked for.'),
('IV035', 'too_many_pages', 'The PDF has more pages than the limit.',
    'PDF has too many pages', 'Split the report, or have the limit raised.'),
('IV036', 'invalid_rows', 'What was read from a PDF does not have the form of its report.',
    'what was read does not have the form of its report', 'Tell the maintainers, with the PDF.'),
('IV037', 'not_an_attachment', 'The file is neither PDF, PNG nor JPEG, whatever its name says.',
    'file is neither PDF, PNG nor JPEG, whatever its name says', 'Attach a scan as PDF, PNG or JPEG.'),
('NF030', 'no_such_document', 'There is no document with this id, or its bytes were removed.',
    'there is no such document or piece of it', 'See report.documents; an upload begins with api.begin_upload, and bytes are removed when retention is over.'),
('NF090', 'no_such_profile', 'There is no accounting profile with this name.',
    'there is no accounting profile of this name', 'See report.accounting_profiles.'),
('ST030', 'lost_job', 'The job is not this worker''s any more.',
    'job is not this worker''s any more', 'Drop the work: another worker has it, or it ended.'),
('ST031', 'incomplete_upload', 'The pieces of a document do not add up to its size.',
    'pieces of a document do not add up to it', 'Send all pieces, numbered from 0, in the transaction of api.begin_upload.'),
('ST050', 'other_month', 'A submission is of another month or programme than those it follows.',
    'submission is of another month or programme than those before it', 'Name a submission of this month and programme as parent, or none.'),
('ST051', 'month_closed', 'The month is closed: nothing of it changes.',
    'the month is closed', 'What comes late belongs to the next month, or an administrator reopens this one by api.reopen_month.'),
('RL051', 'month_not_ready', 'Something keeps the month open.',
    'something keeps the month open', 'Every line of the detail is one of them; report.month_obstacles lists them too.'),
('PM051', 'closer_reopens', 'Nobody reopens a month they closed themselves.',
    'nobody reopens a month they closed', 'Ask another administrator.'),
('ST060', 'nothing_in_conflict', 'What was to be decided is not in conflict.',
    'nothing of this is in conflict', 'See report.corrections for what the report and people say.'),
('RL030', 'unaccounted_page', 'A page of a document is neither used nor skipped with a reason.',
    'a page is neither used nor skipped with a reason', 'Look at that page; nothing of the document was taken.'),
('RL031', 'gave_up', 'A job failed as often as is allowed.',
    'job gave up', 'See report.jobs for the last failure.'),
('ZX001', 'rollback_wanted', 'Ends the inner block of an import that must leave nothing behind; never leaves the function.',
    'rolled back as wanted', 'Nothing to do.');

-- Definer: whoever raises an error need not be able to read the catalogue.
CREATE OR REPLACE FUNCTION app.fail(
    p_code text, p_column text DEFAULT NULL, p_expected text DEFAULT NULL, p_got text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_error app.error_codes;
BEGIN
    SELECT e.* INTO STRICT v_error FROM app.error_codes AS e WHERE e.sqlstate = p_code;
    RAISE EXCEPTION USING ERRCODE = v_error.sqlstate, MESSAGE = v_error.message,
        DETAIL = pg_catalog.concat_ws(', ', 'expected ' || p_expected, 'got ' || app.hide_card_numbers(p_got)), HINT = v_error.hint,
        COLUMN = coalesce(p_column, '');
END
$$;
COMMENT ON FUNCTION app.fail(text, text, text, text) IS 'Raises an error of the catalogue: its message and hint, the parameter it is about, and as detail what was expected and what was got, card numbers cut. Nothing else raises our codes by hand.';

CREATE OR REPLACE VIEW report.error_codes AS
SELECT e.sqlstate, e.slug, e.meaning, e.message, e.hint FROM app.error_codes AS e;
COMMENT ON VIEW report.error_codes IS 'Every error code of the system: SQLSTATE, slug and meaning, message and hint.';
COMMENT ON COLUMN report.error_codes.sqlstate IS 'Five characters: class of two letters and a number.';
COMMENT ON COLUMN report.error_codes.slug IS 'The code that clients see in a problem body.';
COMMENT ON COLUMN report.error_codes.meaning IS 'One sentence for people.';
COMMENT ON COLUMN report.error_codes.message IS 'Message of the error.';
COMMENT ON COLUMN report.error_codes.hint IS 'The next step.';
GRANT SELECT ON report.error_codes TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

COMMIT;
