"""The people of a private machine, one user per role; tokens and links signed for any user."""

from pathlib import Path

from svc.auth import local_token
from svc.config import ConfigurationError, Settings
from svc.embedded.login import Login
from svc.embedded.machine import SetupError
from svc.embedded.service import environment_for
from svc.pages import session

ROLES = ("admin", "processor", "reviewer", "read_only")
MISSING = "SELECT NOT EXISTS (SELECT FROM report.users AS u WHERE u.user_name = %s)"
ROLE = "SELECT u.role FROM report.users AS u WHERE u.user_name = %s AND u.is_active"
SAVE = "SELECT api.save_user(p_user_name => %s, p_role => %s)"
MAP = (
    "SELECT api.map_login(p_login_name => %s, p_user_name => u.user_name,"
    " p_expected_version => u.version) FROM report.users AS u WHERE u.user_name = %s"
)


def user_name(role: str) -> str:
    """Return the name of the local user with this role."""
    return f"local {role}"


def enter_people(owner: Login, login_name: str) -> None:
    """Make the users once, and let the login act as the administrator among them."""
    with owner.connect() as connection, connection.transaction():
        if connection.execute(MISSING, (user_name("admin"),)).fetchone() != (True,):
            return
        for role in ROLES:
            connection.execute(SAVE, (user_name(role), role))
        connection.execute(MAP, (login_name, user_name("admin")))


def role_of(way_in: Login, name: str) -> str:
    """Return the role of an active user. Raises SetupError when there is none of that name."""
    with way_in.connect() as connection:
        row = connection.execute(ROLE, (name,)).fetchone()
    if row is None:
        raise SetupError(f"no active user is called {name}: name one of report.users")
    return str(row[0])


def settings_of(folder: Path) -> Settings:
    """Return the settings that the service is started with.

    Raises SetupError when they are wrong, or the service would take nothing that is signed here.
    """
    try:
        settings = Settings.from_environment(environment_for(folder, "-"))
    except ConfigurationError as error:
        raise SetupError(str(error)) from None
    if settings.token_secret is None:
        raise SetupError("the service takes no local tokens: CCP_TOKEN_SECRET_FILE is not set")
    return settings


def token(folder: Path, name: str, role: str, token_id: str | None = None) -> str:
    """Return a token for a user with this role, valid as long as the settings let it.

    Raises SetupError when they are wrong.
    """
    settings = settings_of(folder)
    secret = settings.token_secret or b""
    return local_token(secret, name, role, settings.token_life_seconds, token_id)


def link(folder: Path, address: str, name: str) -> str:
    """Return a link that signs a browser in as a user, once.

    Raises SetupError when the settings are wrong.
    """
    return f"{address}/sign-in?key={session.make_link(settings_of(folder), name)}"
