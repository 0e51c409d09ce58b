-- Every view is covered, and of each column of texts it is known whether it may name people.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(2);

CREATE TEMP TABLE before AS
SELECT c.oid, pg_get_viewdef(c.oid) AS text FROM pg_catalog.pg_class AS c
WHERE c.relkind = 'v' AND c.relnamespace IN ('report'::regnamespace, 'api'::regnamespace);
SELECT app.cover_names() \g /dev/null
SELECT is_empty('SELECT b.oid::regclass FROM before AS b WHERE pg_get_viewdef(b.oid) <> b.text', 'nothing is left to cover');

-- Codes, closed lists, checksums, keys of tables, names of users, of files of ours and of settings.
CREATE TEMP TABLE apart AS SELECT unnest('{
about,accepted_by_name,allowed,answered_by_name,approved_by,approved_by_name,assigned_to_name,attached_by_name,by_name,car_sha256,
check_code,chosen_by_name,city,class,closed_by_name,closed_digest,code,code_kind,coding_type,content_hash,corrections,cost_type,created_by_name,
csv_sha256,date_format,decided_by_name,decision,delimiter,description_template,deviation_code,deviations,digest,duty,evidence_hash,
failed_gate,failing,failure_code,fate,field,field_group,finder,fingerprint,first_pass,flags,found,
confirmed_by_name,from_state,gl_account,gl_pay_type,handed_in_by_name,help,invoice_date,invoice_date_format,invoice_number,issue_type,job,
job_number,job_pay_type,job_phase,json_kind,kind,labels,level,lifted_by_name,line_end,lodging_expense_types,lodging_groups,login_name,
meal_expense_types,meal_groups,meaning,media_type,method,metric,missing_limits,month_name,next_state,
next_step,open_issues,operation,origin,other_user_name,outcome,parameter_name,parameter_type,parser_version,part,pass,pattern,pay_type,
period_source,phase,phases,placed_by_name,profile_name,programme,proposed_by_name,proposed_method,question,queued_by_name,quoting,
reason_class,receipt_id,receipt_sha256,request_id,required_for,resolution_method,resolved_by_name,reversals,role_name,role_names,rule_code,
said_by_name,scope,seal_hash,sending,server,severity,sha256,shape,shape_in_use,sign_in_id,signature,signed_by_name,source,source_type,
sources,sqlstate,started_by_name,state,status,step,table_name,target,tax,term,to_state,token_id,revoked_by_name,transaction_amount,transaction_date,
transaction_number,transaction_type,unit,unit_of_measure,uploaded_by_name,used_for,user_name,validation_flags,vendor,verdict,voided_by_name,
waived,waived_by_name,waiver_confirmed_by_name,workbook_sha256,worker_name
}'::name[]) AS column_name;
SELECT is_empty($$SELECT DISTINCT a.attname FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relkind = 'v' AND c.relnamespace IN ('report'::regnamespace, 'api'::regnamespace) AND c.relname NOT IN (
            'error_codes', 'masked_texts', 'settings', 'users', 'user_identities', 'role_claims')
        AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype, 'json'::regtype)
        AND a.attname NOT IN (SELECT p.column_name FROM apart AS p)
        AND pg_get_viewdef(c.oid) !~ format(E'report\\.hide_names\\w*\\(\\(?(''# ''::text \\|\\| )?(v\\.)?%s[,)]', a.attname)$$,
    'a column of texts is covered or known not to name anybody');
SELECT * FROM finish();
ROLLBACK;
