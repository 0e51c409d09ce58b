-- The gate lets through what is sound and is private.

BEGIN;

SELECT app.expect_objects($$
function app.count_text(text, text)
function app.find_repeated_key(text)
function app.has_unique_keys(text, jsonb)
function app.judge_json(text)
function app.strange_numbers(jsonb)
$$);

ROLLBACK;
