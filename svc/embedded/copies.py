"""The SQL that makes and drops a copy of the template database; names are ours, never input."""

from typing import LiteralString

# CREATE DATABASE copies the template's content, but neither its owner nor its rights and settings.
CREATE: LiteralString = "CREATE DATABASE {copy} TEMPLATE {template}"
TAKE_RIGHTS: LiteralString = """
    UPDATE pg_database AS d SET datdba = t.datdba, datacl = t.datacl
    FROM pg_database AS t WHERE d.datname = '{copy}' AND t.datname = '{template}';
    INSERT INTO pg_db_role_setting (setdatabase, setrole, setconfig)
    SELECT d.oid, s.setrole, s.setconfig
    FROM pg_db_role_setting AS s
    JOIN pg_database AS t ON t.oid = s.setdatabase AND t.datname = '{template}'
    JOIN pg_database AS d ON d.datname = '{copy}'
"""
DROP: LiteralString = "DROP DATABASE {copy} WITH (FORCE)"
