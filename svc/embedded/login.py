"""One way into one database: for our own connections and for the programs that are started."""

import os
from dataclasses import dataclass

from psycopg import Connection, Error, connect
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from svc.embedded.machine import Machine, SetupError, call


def in_environment(conninfo: str) -> str:
    """Return a connection string with what the environment says and it does not, as libpq does."""
    given = {
        option.keyword.decode(): os.environ[option.envvar.decode()]
        for option in Conninfo.get_defaults()
        if option.envvar and option.envvar.decode() in os.environ
    }
    return make_conninfo(**{**given, **conninfo_to_dict(conninfo)})  # type: ignore[arg-type]


def let_in(conninfo: str) -> Connection:
    """Open a connection in autocommit mode.

    Raises SetupError when the server does not let us in.
    """
    try:
        return connect(conninfo, autocommit=True)
    except Error as error:
        raise SetupError(f"no connection: {str(error).splitlines()[0]}") from None


@dataclass(frozen=True)
class Login:
    """A connection string and the machine whose programs use it."""

    machine: Machine
    conninfo: str

    @property
    def environment(self) -> dict[str, str]:
        """Return the process environment in which libpq programs use this login and no other."""
        names = {
            option.keyword.decode(): option.envvar.decode()
            for option in Conninfo.get_defaults()
            if option.envvar
        }
        wanted = conninfo_to_dict(self.conninfo)
        own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        path = f"{self.machine.binaries}{os.pathsep}{own.get('PATH', os.defpath)}"
        libpq = {names[key]: str(value) for key, value in wanted.items() if key in names}
        return {**own, "PATH": path, **libpq}

    def connect(self) -> Connection:
        """Open a connection in autocommit mode.

        Raises SetupError when the server does not let us in.
        """
        return let_in(self.conninfo)

    def psql(self, *arguments: str) -> str:
        """Run psql, quietly, stopping at the first error, and return what it printed.

        Raises SetupError when a statement fails.
        """
        command = [self.machine.program("psql"), "-XqtA", "-v", "ON_ERROR_STOP=1", *arguments]
        return call(command, env=self.environment)
