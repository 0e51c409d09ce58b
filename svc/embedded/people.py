"""The people of a private machine: one user per role, and tokens signed for them."""

import os
from pathlib import Path

from svc.auth import local_token
from svc.config import ConfigurationError, Settings, token_life
from svc.embedded.login import Login
from svc.embedded.machine import SetupError
from svc.embedded.service import secret_file
from svc.pages import session

ROLES = ("admin", "processor", "reviewer", "read_only")
MISSING = "SELECT NOT EXISTS (SELECT FROM report.users AS u WHERE u.user_name = %s)"
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


def token(folder: Path, role: str, token_id: str | None = None) -> str:
    """Return a token for the local user with this role, valid as long as the settings let it.

    Raises SetupError when they are wrong.
    """
    try:
        life = token_life(os.environ)
    except ConfigurationError as error:
        raise SetupError(str(error)) from None
    return local_token(secret_file(folder).read_bytes(), user_name(role), role, life, token_id)


def link(folder: Path, address: str, role: str) -> str:
    """Return a link that signs a browser in as the local user with this role, once."""
    settings = Settings(database_url="-", token_secret=secret_file(folder).read_bytes().strip())
    return f"{address}/sign-in?key={session.make_link(settings, user_name(role))}"
