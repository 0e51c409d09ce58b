-- The tables of the surface are guarded and private; every change of them is another number.

BEGIN;

SELECT app.expect_objects($$
constraint app.surface_filters.surface_filters_also_check
constraint app.surface_filters.surface_filters_card_numbers_check
constraint app.surface_filters.surface_filters_filter_name_check
constraint app.surface_filters.surface_filters_hides_check
constraint app.surface_filters.surface_filters_operation_fkey
constraint app.surface_filters.surface_filters_operator_check
constraint app.surface_filters.surface_filters_pkey
constraint app.surface_number.surface_number_is_only_check
constraint app.surface_number.surface_number_pkey
constraint app.surface_operations.surface_operations_as_of_check
constraint app.surface_operations.surface_operations_body_factor_check
constraint app.surface_operations.surface_operations_card_numbers_check
constraint app.surface_operations.surface_operations_method_check
constraint app.surface_operations.surface_operations_object_check
constraint app.surface_operations.surface_operations_operation_check
constraint app.surface_operations.surface_operations_path_check
constraint app.surface_operations.surface_operations_path_key
constraint app.surface_operations.surface_operations_pkey
constraint app.surface_operations.surface_operations_read_check
constraint app.surface_operations.surface_operations_shape_check
constraint app.surface_operations.surface_operations_status_check
constraint app.surface_operations.surface_operations_tag_check
constraint app.surface_operations.surface_operations_target_check
constraint app.surface_orders.surface_orders_card_numbers_check
constraint app.surface_orders.surface_orders_operation_fkey
constraint app.surface_orders.surface_orders_order_name_check
constraint app.surface_orders.surface_orders_pkey
constraint app.surface_parents.surface_parents_card_numbers_check
constraint app.surface_parents.surface_parents_code_check
constraint app.surface_parents.surface_parents_pkey
constraint app.surface_parents.surface_parents_target_check
constraint app.terms.terms_card_numbers_check
constraint app.terms.terms_json_kind_check
constraint app.terms.terms_meaning_check
constraint app.terms.terms_pkey
constraint app.terms.terms_range_check
constraint app.terms.terms_term_check
constraint app.terms.terms_values_of_check
constraint audit.surface_filters_history.surface_filters_history_audit_tx_check
constraint audit.surface_filters_history.surface_filters_history_pkey
constraint audit.surface_operations_history.surface_operations_history_audit_tx_check
constraint audit.surface_operations_history.surface_operations_history_pkey
constraint audit.surface_orders_history.surface_orders_history_audit_tx_check
constraint audit.surface_orders_history.surface_orders_history_pkey
constraint audit.surface_parents_history.surface_parents_history_audit_tx_check
constraint audit.surface_parents_history.surface_parents_history_pkey
constraint audit.terms_history.terms_history_audit_tx_check
constraint audit.terms_history.terms_history_pkey
function app.note_surface_change() as owner
function app.renew_surface()
function audit.capture_surface_filters() as owner
function audit.capture_surface_operations() as owner
function audit.capture_surface_orders() as owner
function audit.capture_surface_parents() as owner
function audit.capture_terms() as owner
index audit.surface_filters_history_audit_actor_idx
index audit.surface_filters_history_audit_tx_audit_at_idx
index audit.surface_operations_history_audit_actor_idx
index audit.surface_operations_history_audit_tx_audit_at_idx
index audit.surface_orders_history_audit_actor_idx
index audit.surface_orders_history_audit_tx_audit_at_idx
index audit.surface_parents_history_audit_actor_idx
index audit.surface_parents_history_audit_tx_audit_at_idx
index audit.terms_history_audit_actor_idx
index audit.terms_history_audit_tx_audit_at_idx
table app.surface_filters (operation, filter_name, column_name, operator, hides, also): select ccp_auditor
table app.surface_number (is_only, number): select ccp_auditor
table app.surface_operations (operation, tag, method, path, shape, target, keys, as_of, one_of, names, fixed, parts,
    status, location, body_factor): select ccp_auditor
table app.surface_orders (operation, order_name, keys): select ccp_auditor
table app.surface_parents (parameter, target, column_name, code, title): select ccp_auditor
table app.terms (term, meaning, values_of, more_values, "least", most, is_money, json_kind): select ccp_auditor
table audit.surface_filters_history (operation, filter_name, column_name, operator, hides, also, audit_seq, audit_tx,
    audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
table audit.surface_operations_history (operation, tag, method, path, shape, target, keys, as_of, one_of, names,
    fixed, parts, status, location, body_factor, audit_seq, audit_tx, audit_at, audit_operation, audit_actor,
    audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
table audit.surface_orders_history (operation, order_name, keys, audit_seq, audit_tx, audit_at, audit_operation,
    audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
table audit.surface_parents_history (parameter, target, column_name, code, title, audit_seq, audit_tx, audit_at,
    audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
table audit.terms_history (term, meaning, values_of, more_values, "least", most, is_money, json_kind, audit_seq,
    audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
trigger app.surface_filters.t00_suppress_redundant
trigger app.surface_filters.t10_keep
trigger app.surface_filters.t50_renew
trigger app.surface_filters.t80_keep_key
trigger app.surface_filters.t90_capture_delete
trigger app.surface_filters.t90_capture_insert
trigger app.surface_filters.t90_capture_update
trigger app.surface_number.t10_keep
trigger app.surface_number.t90_mark
trigger app.surface_operations.t00_suppress_redundant
trigger app.surface_operations.t10_keep
trigger app.surface_operations.t50_renew
trigger app.surface_operations.t80_keep_key
trigger app.surface_operations.t90_capture_delete
trigger app.surface_operations.t90_capture_insert
trigger app.surface_operations.t90_capture_update
trigger app.surface_orders.t00_suppress_redundant
trigger app.surface_orders.t10_keep
trigger app.surface_orders.t50_renew
trigger app.surface_orders.t80_keep_key
trigger app.surface_orders.t90_capture_delete
trigger app.surface_orders.t90_capture_insert
trigger app.surface_orders.t90_capture_update
trigger app.surface_parents.t00_suppress_redundant
trigger app.surface_parents.t10_keep
trigger app.surface_parents.t50_renew
trigger app.surface_parents.t80_keep_key
trigger app.surface_parents.t90_capture_delete
trigger app.surface_parents.t90_capture_insert
trigger app.surface_parents.t90_capture_update
trigger app.terms.t00_suppress_redundant
trigger app.terms.t10_keep
trigger app.terms.t50_renew
trigger app.terms.t80_keep_key
trigger app.terms.t90_capture_delete
trigger app.terms.t90_capture_insert
trigger app.terms.t90_capture_update
trigger audit.surface_filters_history.t10_immutable
trigger audit.surface_operations_history.t10_immutable
trigger audit.surface_orders_history.t10_immutable
trigger audit.surface_parents_history.t10_immutable
trigger audit.terms_history.t10_immutable
view report.surface_number (number): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
