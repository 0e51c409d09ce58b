"""The command behind ./run: start, import, export, cutover, rollback, psql, sqitch, token, stop."""

import os
from functools import partial
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from svc.embedded import service, sqitch
from svc.embedded.cluster import Cluster
from svc.embedded.comparing import compare
from svc.embedded.cutover import print_verdict
from svc.embedded.deploy import OWNER, bootstrap, deploy, deploy_url, record_schema_changes
from svc.embedded.documents import StartWorker, import_documents
from svc.embedded.exporting import export
from svc.embedded.history import bring_in
from svc.embedded.importer import import_file
from svc.embedded.importing import Said, is_pdf, read_arguments
from svc.embedded.login import Login, in_environment, let_in
from svc.embedded.machine import (
    ROOT,
    Machine,
    SetupError,
    find_client,
    find_machine,
    say,
    service_account,
    state_folder,
    tell,
)
from svc.embedded.people import ROLES, enter_people, link, role_of, token, user_name
from svc.embedded.prepare import locked
from svc.embedded.rollback import roll_back
from svc.texts import new_id

DATABASE = "ccp"
LOCAL = "ccp_local"
EXAMPLE = (ROOT / "examples" / "car.pdf", ROOT / "examples" / "receipts.pdf")
LOGINS = "SELECT r.rolname FROM pg_roles AS r WHERE r.rolcanlogin ORDER BY 1"
# One does the work, the other is the second person for what needs two.
LINKED = ("admin", "reviewer")
HINTS = """\
Try:
  curl -s -H "Authorization: Bearer $(./run token reviewer)" {address}/api/v1/sessions
  ./run psql -c "SELECT session_name, total_employees, employees_completed FROM report.sessions"
  ./run import REPORT.pdf RECEIPTS.pdf"""


def private_folder() -> Path:
    """Return this checkout's private folder, made if need be."""
    return made(state_folder())


def made(folder: Path) -> Path:
    """Return a folder of ours, made if need be; what is private in it is closed by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    # The server's account, when it is not ours, has to pass through.
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return folder


def private_cluster(machine: Machine) -> Cluster:
    """Return the private server of this checkout for the version in use."""
    folder = made(private_folder() / f"server-{machine.major}")
    return Cluster(machine, folder, guest=service_account())


def ready_cluster(machine: Machine, *, deployed: bool = True) -> Cluster:
    """Return the private server, running and bootstrapped; deployed, if that is not left to sqitch.

    Raises SetupError when one of these fails.
    """
    with locked(private_folder()):
        cluster = private_cluster(machine)
        if not cluster.is_made():
            say(f"making a private PostgreSQL {machine.major} server in {cluster.folder}")
        cluster.start()
        bootstrap(cluster, DATABASE)
        admit_logins(cluster)
        if deployed:
            deploy(cluster.login(OWNER, DATABASE))
            record_schema_changes(cluster, DATABASE)
            enter_people(cluster.login(OWNER, DATABASE), LOCAL)
    return cluster


def admit_logins(cluster: Cluster) -> None:
    """Let root in as every login there is, where the server asks who comes."""
    if cluster.guest:
        with cluster.login().connect() as superuser:
            cluster.admit(str(name) for (name,) in superuser.execute(LOGINS))


def login(user: str, *, deployed: bool = True) -> Login:
    """Return a login to the server of DATABASE_URL, else to the private one, deployed or as it is.

    Raises SetupError when there is no way in.
    """
    url = os.environ.get("DATABASE_URL")
    if not url:
        return ready_cluster(find_machine(), deployed=deployed).login(user, DATABASE)
    machine = find_client()
    if user == OWNER:
        return Login(machine, in_environment(deploy_url()))
    # The password in the URL is the service's; ours comes from the environment or ~/.pgpass.
    own = {key: str(value) for key, value in conninfo_to_dict(url).items() if key != "password"}
    return Login(machine, in_environment(make_conninfo(**{**own, "user": user})))


def start() -> int:
    """Start what is not running and tell what to do next."""
    folder = private_folder()
    url = os.environ.get("DATABASE_URL")
    status = None
    if url:
        reached(url)
        if os.environ.get("DEPLOY_URL"):
            deploy(login(OWNER))
    else:
        cluster = ready_cluster(find_machine())
        status = load_example(cluster)
        url = cluster.login("ccp_service", DATABASE).conninfo
    address, was_running = service.start(folder, url)
    tell(address)
    if not os.environ.get("DATABASE_URL"):
        tell("Open one of these in a browser; each signs in once, within fifteen minutes:")
        for role in LINKED:
            tell(f"{role}: {link(folder, address, user_name(role))}")
    if status is None:
        state = "was running already" if was_running else "is running"
        tell(f"{state}; links: ./run link NAME; tokens: ./run token NAME; more: ./run --help")
        return 0
    tell("Tokens (./run token NAME makes new ones):")
    for role in ROLES:
        tell(f"{role}: {token(folder, user_name(role), role)}")
    tell(HINTS.format(address=address))
    return status


def load_example(cluster: Cluster) -> int | None:
    """Import the bundled month, once, and print its report; None when that was done before."""
    stamp = cluster.folder / "example-loaded"
    if stamp.exists():
        return None
    way_in = cluster.login(LOCAL, DATABASE)
    status = import_documents(way_in, worker_for(way_in), *EXAMPLE, Said("Example month"))
    stamp.touch()
    return status


def stop() -> int:
    """Stop the service, the worker and the private servers of this checkout."""
    folder = private_folder()
    stopped = service.stop(folder)
    servers = [server for server in folder.glob("server-*") if (server / "data").is_dir()]
    if servers:
        machine, guest = find_machine(), service_account()
        stopped += [x.name for x in servers if Cluster(machine, x, guest=guest).stop()]
    tell(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
    return 0


def import_files(arguments: list[str]) -> int:
    """Import files and print the report of each.

    The status is 1 when one was refused, 2 when one awaits a decision.
    """
    said, names = read_arguments(arguments)
    # ./run stands in the checkout; names are meant from where it was called.
    files = [Path(os.environ.get("CCP_CALLED_FROM", ""), name) for name in names]
    pdfs = [file for file in files if is_pdf(file)]
    way_in = login(LOCAL)
    if said.closed:
        return bring_in(way_in, files, dry_run=said.dry_run, sure=said.sure)
    status = [import_file(way_in, file, said) for file in files if not is_pdf(file)]
    if pdfs:
        start_worker = worker_for(way_in)
        pairs = zip(pdfs[::2], pdfs[1::2], strict=True)
        status += [import_documents(way_in, start_worker, *pair, said) for pair in pairs]
    return max(status)


def worker_for(way_in: Login) -> StartWorker:
    """Return a function that starts a worker on the database of a login."""
    return partial(service.start_worker, private_folder(), service_url(way_in))


def service_url(way_in: Login) -> str:
    """Return how the service reaches the database of a login. Raises SetupError as `reached`."""
    url = os.environ.get("DATABASE_URL")
    return reached(url) if url else make_conninfo(way_in.conninfo, user="ccp_service")


def reached(url: str) -> str:
    """Return the address of a server of one's own. Raises SetupError when it does not let us in."""
    let_in(url).close()
    return url


def export_file(arguments: list[str]) -> int:
    """Write a file of a session; names are meant from where ./run was called."""
    url = service_url(login(LOCAL))
    return export(url, arguments, Path(os.environ.get("CCP_CALLED_FROM", "")))


def compare_file(arguments: list[str]) -> int:
    """Compare a file of the program used before with a session and print the report."""
    return compare(login(LOCAL), arguments)


def tell_verdict(arguments: list[str]) -> int:
    """Print go or no-go."""
    return print_verdict(login(LOCAL), arguments)


def go_back(arguments: list[str]) -> int:
    """Rehearse the way back to the program used before, or take it."""
    url = service_url(login(LOCAL))
    return roll_back(url, arguments, Path(os.environ.get("CCP_CALLED_FROM", "")))


def open_psql(arguments: list[str]) -> int:
    """Become psql."""
    way_in = login(LOCAL)
    os.chdir(os.environ.get("CCP_CALLED_FROM", "."))
    program = way_in.machine.program("psql")
    return os.execve(program, [program, *arguments], way_in.environment)  # noqa: S606


def person(arguments: list[str]) -> tuple[str, str]:
    """Return the user who is named and their role.

    On the private server a role stands for its local user, `admin` when nobody is named. Raises
    SetupError when there is no such user, or more than one is named.
    """
    if len(arguments) > 1:
        raise SetupError('name one user at most, in quotes ("local admin"): see ./run --help')
    name = arguments[0] if arguments else "admin"
    if name in ROLES and not os.environ.get("DATABASE_URL"):
        return user_name(name), name
    return name, role_of(login(LOCAL), name)


def print_token(arguments: list[str]) -> int:
    """Print a token of a user."""
    token_id = new_id()
    tell(token(private_folder(), *person(arguments), token_id))
    say(f"""revoke it: ./run psql -c "SELECT api.revoke_token('{token_id}', 'why')\"""")
    return 0


def print_link(arguments: list[str]) -> int:
    """Print a link that signs a browser in as a user, once."""
    name, _ = person(arguments)
    folder = private_folder()
    tell(link(folder, service.address(folder), name))
    return 0


COMMANDS = {
    "import": import_files,
    "export": export_file,
    "compare": compare_file,
    "cutover": tell_verdict,
    "rollback": go_back,
    "psql": open_psql,
    "token": print_token,
    "link": print_link,
}


def main(arguments: list[str]) -> int:
    """Run the command; return the exit status.

    Raises SetupError when something cannot be had or started.
    """
    match arguments:
        case []:
            return start()
        case ["stop"]:
            return stop()
        case ["sqitch", *rest]:
            return sqitch.main(login(OWNER, deployed=False), rest)
        case [name, *rest] if name in COMMANDS:
            return COMMANDS[name](rest)
        case _:
            raise SetupError(f"unknown command {' '.join(arguments)}: see ./run --help")
