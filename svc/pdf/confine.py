"""What a process that reads strange bytes gives up for good, beside the limits of `limits.py`.

New privileges, the network, and other programs. A PDF library with a hole in it then has no way
out but its answers, which nobody trusts. Linux only: other systems have no such filter.
"""

import ctypes
import errno
import platform
import struct
import sys
from typing import Final

_NO_NEW_PRIVILEGES: Final = 38
_SECCOMP: Final = 22
_FILTER: Final = 2

_LOAD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_JUMP_IF_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EPERM
_KILL: Final = 0x80000000
_NUMBER: Final = 0
"""Where in the data of a system call its number stands."""
_MACHINE: Final = 4
"""And the kind of machine it is for."""
_OTHER_TABLE: Final = 0x40000000
"""From here on x86_64 has the same calls again under other numbers."""

CALLS: Final = {
    # socket, connect, socketpair, execve, ptrace, process_vm_writev, execveat, io_uring_setup
    "x86_64": (0xC000003E, (41, 42, 53, 59, 101, 311, 322, 425)),
    "aarch64": (0xC00000B7, (198, 203, 199, 221, 117, 271, 281, 425)),
}
"""Kind of machine, and the numbers of the system calls that are refused."""


def confine() -> None:
    """Bind this process for good; raise OSError when the system does not let it."""
    if sys.platform != "linux":
        return
    system = ctypes.CDLL(None, use_errno=True)
    if system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot give up new privileges")
    known = CALLS.get(platform.machine())
    if known is None:
        return
    program = _program(*known)
    code = ctypes.create_string_buffer(program, len(program))
    filter_of = struct.pack("@HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    if system.prctl(_SECCOMP, _FILTER, ctypes.c_char_p(filter_of), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot give up the network")


def _program(machine: int, calls: tuple[int, ...]) -> bytes:
    """Return the filter: another kind of machine ends the process, these calls fail."""
    steps = [
        (_LOAD, 0, 0, _MACHINE),
        (_JUMP_IF_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_IF_AT_LEAST, len(calls) + 1, 0, _OTHER_TABLE),
    ]
    steps += [(_JUMP_IF_EQUAL, len(calls) - n, 0, call) for n, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
