-- Removes identities, role claims and revoked tokens.

BEGIN;

DROP FUNCTION api.revoke_token(text, text, text);
DROP FUNCTION api.save_role_claim(text, text, text, integer, text);
DROP FUNCTION api.link_identity(text, text, text, integer, text);
DROP FUNCTION app.refuse_words(text, text, integer);
DROP VIEW report.revoked_tokens;
DROP VIEW report.role_claims;
DROP VIEW report.user_identities;
DROP FUNCTION api.sign_in(text, text, text, text[], timestamptz);
DROP FUNCTION app.role_of_claims(text, text[]);
SELECT audit.forget_table('app.revoked_tokens');
DROP TABLE app.revoked_tokens;
SELECT audit.forget_table('app.role_claims');
DROP TABLE app.role_claims;
SELECT audit.forget_table('app.user_identities');
DROP TABLE app.user_identities;

COMMIT;
