"""Bootstraps a database and deploys the plan into it, with sqitch where there is one.

`python -m svc.embedded deploy` deploys to the database of DEPLOY_URL, also when installed by pip.
"""

import os
from contextlib import closing

from svc.embedded.cluster import Cluster
from svc.embedded.deployer import Deployer
from svc.embedded.login import Login, in_environment
from svc.embedded.machine import PROJECT, SetupError, call, find_client, say
from svc.embedded.plan import read_plan

OWNER = "ccp_owner"
NAMED = 3  # so many edited changes are named, the others counted: the answer is one line
# The body of the function that records, when both of its event triggers are on.
RECORDER = """
SELECT p.prosrc FROM pg_proc AS p JOIN pg_event_trigger AS e ON e.evtfoid = p.oid
WHERE e.evtname IN ('ccp_ddl_end', 'ccp_ddl_drop') AND e.evtenabled = 'A'
GROUP BY p.oid HAVING count(*) = 2"""


def bootstrap(cluster: Cluster, database: str) -> None:
    """Make roles, logins and the database, owned by `ccp_owner`; repeating it changes nothing.

    Raises SetupError when a statement fails.
    """
    script = PROJECT / "db" / "bootstrap.sql"
    cluster.login().psql("-v", f"database={database}", "-f", str(script))


def record_schema_changes(cluster: Cluster, database: str) -> None:
    """Have the server record every change of the schema from now on, where it does not yet.

    Comes after deploying, whose own changes the first seal takes over. Raises SetupError when a
    statement fails.
    """
    superuser = cluster.login(database=database)
    script = PROJECT / "db" / "bootstrap_audit.sql"
    body = superuser.psql("-c", RECORDER).strip()
    if not body or body not in script.read_text():
        superuser.psql("-f", str(script))


def deploy(login: Login) -> None:
    """Deploy and verify every change of the plan that the database does not have yet.

    Raises SetupError, before anything is changed, when what is deployed is not the beginning of
    the plan or was edited afterwards; and with the first error when a script fails.
    """
    with closing(Deployer(login, read_plan(PROJECT))) as deployer:
        pending = deployer.pending()
        edited = deployer.edited()
        if edited:
            more = f" and {len(edited) - NAMED} more" if len(edited) > NAMED else ""
            raise SetupError(
                f"edited since deployed: {', '.join(edited[:NAMED])}{more}; nothing was changed:"
                " take the version that was deployed, or lose the data by"
                " sqitch rebase --modified -y"
            )
        if not pending:
            return
        say(f"deploying {len(pending)} changes")
        if login.machine.sqitch:
            call([login.machine.sqitch, "deploy", "--quiet"], env=login.environment, cwd=PROJECT)
        else:
            deployer.deploy()


def deploy_url() -> str:
    """Return the owner's connection string to a server that is not ours to start.

    Raises SetupError when it is not given.
    """
    url = os.environ.get("DEPLOY_URL")
    if not url:
        raise SetupError("DEPLOY_URL is needed: the connection string of ccp_owner")
    return url


def main(arguments: list[str]) -> int:
    """Deploy to the database of DEPLOY_URL; return the exit status.

    Raises SetupError when something is missing, was edited, or a script fails.
    """
    if arguments:
        raise SetupError("deploy takes no arguments, only DEPLOY_URL")
    deploy(Login(find_client(), in_environment(deploy_url())))
    say("everything is deployed")
    return 0
