-- The catalogue of our own SQLSTATEs: each code, the slug clients see, and what it means.
-- requires: foundation/schemas

BEGIN;

CREATE TABLE app.error_codes (
    sqlstate text NOT NULL,
    slug text NOT NULL,
    meaning text NOT NULL,
    CONSTRAINT error_codes_pkey PRIMARY KEY (sqlstate),
    CONSTRAINT error_codes_slug_key UNIQUE (slug),
    CONSTRAINT error_codes_sqlstate_check CHECK (sqlstate ~ '^(IV|PM|NF|ST|RL|ZX)[0-9]{3}$'),
    CONSTRAINT error_codes_slug_check CHECK (slug ~ '^[a-z][a-z0-9_]*$')
);
COMMENT ON TABLE app.error_codes IS 'Every SQLSTATE our functions raise. Classes: IV invalid input, PM not permitted, NF not found, ST stale or wrong state, RL rule broken, ZX private to one function. A code is never used again for another meaning.';
COMMENT ON COLUMN app.error_codes.sqlstate IS 'Five characters: class of two letters and a number.';
COMMENT ON COLUMN app.error_codes.slug IS 'The code that clients see in a problem body.';
COMMENT ON COLUMN app.error_codes.meaning IS 'One sentence for people.';

INSERT INTO app.error_codes (sqlstate, slug, meaning) VALUES
('IV001', 'invalid_json', 'The file is not JSON: syntax, encoding or a token the standard does not know.'),
('IV002', 'invalid_text', 'A text holds a character that cannot be stored (NUL, half of a surrogate pair).'),
('IV003', 'duplicate_key', 'An object of the file names the same key twice.'),
('IV004', 'too_deep', 'The file nests deeper than the limit.'),
('IV005', 'too_large', 'The file is larger than the limit.'),
('IV006', 'no_employees', 'The file holds no employee.'),
('IV007', 'not_an_object', 'The file is not one object of employees.'),
('IV008', 'invalid_argument', 'An argument is missing, too long or not one of the allowed values.'),
('IV009', 'empty_file', 'The file has no content.'),
('IV010', 'wrong_type', 'A field of an employee or receipt has another JSON type than the format says.'),
('IV011', 'amount_out_of_range', 'A number is readable and larger than any amount the system keeps.'),
('IV012', 'duplicate_person', 'Two entries of one file are the same person.'),
('IV013', 'no_name', 'A name holds no letter A to Z, so nobody can be found by it.'),
('IV014', 'text_too_long', 'A text that names something is longer than the system keeps.'),
('PM001', 'unknown_actor', 'The acting person is missing, unknown or not active.'),
('PM002', 'role_mismatch', 'The transaction runs with another role than the acting person has.'),
('PM003', 'own_card', 'Nobody acts on issues, matches or the status of their own card.'),
('NF001', 'no_such_session', 'There is no session with this id.'),
('NF002', 'no_such_issue', 'There is no issue with this id.'),
('NF003', 'no_such_user', 'There is no user with this name.'),
('NF004', 'no_such_cardholder', 'There is no cardholder with this id or name key, or not in this session.'),
('NF005', 'no_such_revision', 'There is no revision, or no receipt in it, with this id.'),
('ST001', 'stale_version', 'Somebody changed the row after it was read.'),
('ST002', 'wrong_state', 'The state of the row does not allow this step.'),
('ST003', 'request_reused', 'The request id was used before with other content.'),
('ST004', 'same_as_parent', 'The file is the same as the one of the parent session.'),
('ST005', 'parent_has_child', 'The parent session already has a later submission.'),
('ST006', 'has_live_child', 'A later submission builds on this session.'),
('ST007', 'ambiguous_alias', 'An alias would lead to itself or in a circle.'),
('ST021', 'transaction_number_reused', 'The number of the writing transaction was used before: the database was restored and its new epoch not started.'),
('RL001', 'unreconciled', 'A commit would leave totals, hash, flags or status that do not fit the rows.'),
('RL002', 'immutable', 'Rows of this table are never changed or removed.'),
('RL003', 'key_change', 'The key of an audited row cannot change.'),
('RL005', 'history_differs', 'A table cannot be followed by its history: a column changed its type, or a name is taken.'),
('RL004', 'nothing_accepted', 'Every employee of the file was rejected.'),
('IV061', 'invalid_rule', 'A rule is given a parameter it does not know, or a value outside the parameter''s type or range.'),
('PM061', 'second_person_needed', 'Nobody decides on a waiver they proposed themselves.'),
('NF061', 'no_such_rule', 'There is no rule with this code.'),
('RL061', 'above_waiver_limit', 'What is at stake is unknown or above the limit of the waiver.'),
('NF020', 'no_such_pair', 'The person''s current revision does not have this charge or this receipt.'),
('ST020', 'nothing_decided', 'There is no decision on this pair to take back.'),
('RL020', 'reason_required', 'A difference between charge and receipt is accepted with a reason only.'),
('RL021', 'residual_too_large', 'The difference is larger than the matching policy lets a person accept.'),
('RL022', 'pair_not_allowed', 'The two cannot belong together: another sign, no amount, or paid out of pocket.'),
('RL023', 'over_allocated', 'Decisions on a charge or a receipt would exceed its amount.'),
('IV030', 'not_a_pdf', 'The file is not a PDF, whatever its name says.'),
('IV031', 'damaged_pdf', 'The PDF is damaged and cannot be read.'),
('IV032', 'encrypted_pdf', 'The PDF asks for a password.'),
('IV033', 'no_text', 'The PDF holds no text; scans cannot be read.'),
('IV034', 'wrong_report', 'The PDF is another report than the one asked for, or none of the two.'),
('IV035', 'too_many_pages', 'The PDF has more pages than the limit.'),
('IV036', 'invalid_rows', 'What was read from a PDF does not have the form of its report.'),
('NF030', 'no_such_document', 'There is no document with this id, or its bytes were removed.'),
('ST050', 'other_month', 'A submission is of another month or programme than those it follows.'),
('ST030', 'lost_job', 'The job is not this worker''s any more.'),
('ST031', 'incomplete_upload', 'The pieces of a document do not add up to its size.'),
('RL030', 'unaccounted_page', 'A page of a document is neither used nor skipped with a reason.'),
('RL031', 'gave_up', 'A job failed as often as is allowed.'),
('ZX001', 'rollback_wanted', 'Ends the inner block of an import that must leave nothing behind; never leaves the function.');

CREATE OR REPLACE VIEW report.error_codes AS
SELECT e.sqlstate, e.slug, e.meaning FROM app.error_codes AS e;
COMMENT ON VIEW report.error_codes IS 'Every error code of the system: SQLSTATE, slug and meaning.';
COMMENT ON COLUMN report.error_codes.sqlstate IS 'Five characters: class of two letters and a number.';
COMMENT ON COLUMN report.error_codes.slug IS 'The code that clients see in a problem body.';
COMMENT ON COLUMN report.error_codes.meaning IS 'One sentence for people.';
GRANT SELECT ON report.error_codes TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

COMMIT;
