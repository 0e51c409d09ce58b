-- Only migrations make functions of an instant.

BEGIN;

SELECT app.expect_objects($$
function audit.as_of_text(regclass)
function audit.by_tick_text(regclass)
function audit.forget_as_of(regclass)
function audit.make_as_of(regclass)
function audit.seen_text(text)
function audit.table_as_of_text(name)
function audit.view_as_of_text(regclass)
$$);

ROLLBACK;
