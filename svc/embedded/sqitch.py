"""./run sqitch: the real one where there is one, else what the deployer can do."""

import os

from svc.embedded.deployer import Deployer
from svc.embedded.login import Login
from svc.embedded.machine import PROJECT, SetupError, say
from svc.embedded.plan import read_plan

USAGE = "without sqitch there are: deploy, status, verify; install sqitch for everything else"


def main(owner: Login, arguments: list[str]) -> int:
    """Become sqitch, or carry the command out; return the exit status.

    Raises SetupError for what only the real sqitch can do, or when a script fails.
    """
    program = owner.machine.sqitch
    if program:
        os.chdir(PROJECT)
        return os.execve(program, [program, *arguments], owner.environment)  # noqa: S606
    deployer = Deployer(owner, read_plan(PROJECT))
    match arguments:
        case ["deploy"]:
            deployer.deploy()
            say(f"{len(deployer.deployed())} changes deployed")
        case ["status"]:
            say(f"{len(deployer.deployed())} deployed, {len(deployer.pending())} pending")
        case ["verify"]:
            deployer.verify()
            say("verified")
        case _:
            raise SetupError(USAGE)
    return 0
