"""What db/bootstrap.sql promises about roles, logins and the database."""

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from svc.embedded.deploy import bootstrap
from svc.embedded.machine import ROOT
from tests.conftest import Connect, copy_of_template

GROUPS = {
    "ccp_service": {
        "ccp_admin",
        "ccp_processor",
        "ccp_read_only",
        "ccp_reviewer",
        "ccp_worker",
    },
    "ccp_local": {"ccp_admin", "ccp_auditor"},
    "ccp_owner": set(),
}
MEMBERSHIPS = """
    SELECT g.rolname FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
    WHERE m.member = %s::regrole
"""
SETTINGS = "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)"


@pytest.mark.parametrize("login", GROUPS)
def test_each_login_is_member_of_its_groups_only(superuser: psycopg.Connection, login: str) -> None:
    """Memberships are those of the table of rights."""
    found = {row[0] for row in superuser.execute(MEMBERSHIPS, (login,))}
    assert found == GROUPS[login]


@pytest.mark.parametrize("login", GROUPS)
def test_no_login_has_powers_of_the_server(superuser: psycopg.Connection, login: str) -> None:
    """Nobody is superuser, CREATEROLE, CREATEDB, REPLICATION or BYPASSRLS."""
    powers = superuser.execute(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin"
        " FROM pg_roles WHERE rolname = %s",
        (login,),
    ).fetchone()
    assert powers == (False, False, False, False, False, True)


def test_the_service_has_no_right_until_it_takes_a_role(connect: Connect) -> None:
    """The service's login inherits nothing from its groups and may take each of them."""
    service = connect("ccp_service")
    inherits = "SELECT pg_has_role('ccp_admin', 'USAGE'), pg_has_role('ccp_admin', 'MEMBER')"
    assert service.execute(inherits).fetchone() == (False, True)
    service.execute("SET LOCAL ROLE ccp_processor")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        service.execute("SET LOCAL ROLE ccp_auditor")


def test_the_service_has_time_limits(connect: Connect) -> None:
    """Statements, locks and idle transactions of the service end by themselves."""
    limits = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
    found = {tuple(row) for row in connect("ccp_service").execute(SETTINGS, (limits,))}
    assert found == set(zip(limits, ("15000", "3000", "10000"), strict=True))


def test_strangers_cannot_connect_nor_make_temporary_tables(
    superuser: psycopg.Connection, connect: Connect
) -> None:
    """A login that nobody mentioned cannot enter; ours cannot make temporary tables."""
    superuser.execute("CREATE ROLE stranger LOGIN")
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            connect("stranger")
    finally:
        superuser.execute("DROP ROLE stranger")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect("ccp_local").execute("CREATE TEMP TABLE t (a int)")


def test_a_second_bootstrap_changes_nothing(
    cluster: Cluster, database: str, superuser: psycopg.Connection
) -> None:
    """Bootstrap can be repeated on a database in use."""
    state = """
        SELECT d.datacl::text, pg_get_userbyid(d.datdba),
            (SELECT array_agg(r.*::text ORDER BY r.rolname) FROM pg_roles AS r)
        FROM pg_database AS d WHERE d.datname = current_database()
    """
    before = superuser.execute(state).fetchone()
    bootstrap(cluster, database)
    assert superuser.execute(state).fetchone() == before


def test_a_reader_of_one_company_does_not_enter_the_other(
    cluster: Cluster, database: str, superuser: psycopg.Connection
) -> None:
    """Rights are the group's, the way in is the login's: one for each company, one for both."""
    script, reads = str(ROOT / "db" / "login.sql"), "SELECT count(*) FROM report.users"
    with copy_of_template(cluster) as other:
        owner = cluster.login("ccp_owner", other)
        owner.psql("-c", "SELECT FROM api.save_user('nell', NULL, 'admin')")
        try:
            for login, role, companies in (
                ("tap_jane", "ccp_auditor", (database,)),
                ("tap_noor", "ccp_auditor", (database, other)),
            ):
                for company in companies:
                    said = {"login": login, "role": role, "database": company}
                    given = [word for item in said.items() for word in ("-v", "=".join(item))]
                    cluster.login().psql(*given, "-f", script)
            found = {
                login: [cluster.login(login, company).psql("-c", reads).strip()]
                for login, company in (("tap_jane", database), ("tap_noor", other))
            }
            one, two = int(found["tap_jane"][0]), int(found["tap_noor"][0])
            assert two == one + 1
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(cluster.login("tap_jane", other).conninfo)
        finally:
            for login in ("tap_jane", "tap_noor"):
                superuser.execute(f"DROP OWNED BY {login}".encode())
                with cluster.login(database=other).connect() as there:
                    there.execute(f"DROP OWNED BY {login}".encode())
                superuser.execute(f"DROP ROLE {login}".encode())
