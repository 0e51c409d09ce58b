"""Bootstraps a database and deploys the plan into it, with sqitch where there is one."""

from svc.embedded.cluster import Cluster
from svc.embedded.deployer import Deployer
from svc.embedded.login import Login
from svc.embedded.machine import ROOT, call
from svc.embedded.plan import read_plan

OWNER = "ccp_owner"


def bootstrap(cluster: Cluster, database: str) -> None:
    """Make roles, logins and the database, owned by `ccp_owner`; repeating it changes nothing.

    Raises SetupError when a statement fails.
    """
    script = ROOT / "db" / "bootstrap.sql"
    cluster.login().psql("-v", f"database={database}", "-f", str(script))


def deploy(login: Login) -> None:
    """Deploy and verify every change of the plan that the database does not have yet.

    Raises SetupError with the first error when a script fails.
    """
    deployer = Deployer(login, read_plan(ROOT))
    if not deployer.pending():
        return
    if login.machine.sqitch:
        call([login.machine.sqitch, "deploy", "--quiet"], env=login.environment)
    else:
        deployer.deploy()
