"""The outbox is sent to a real mail server, once, with retries, or given up."""

from __future__ import annotations

import json
import socket
from email import message_from_string
from email.policy import default
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiosmtpd.controller import Controller
from psycopg.rows import dict_row

from svc import queries
from svc.config import ConfigurationError, Settings
from svc.db import Call, Database
from svc.mail import MailServer, compose, send_due
from svc.worker import Worker
from tests.workflow.month import MONTH, import_month, make_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from svc.db import Row


# The first four are some.
ADDRESSES = [
    *(
        "ann@example.org",
        "ann.o'roe+cards@mail.example.org",
        "r\u00f6se@example.org",
        "ann@localhost",
    ),
    *("ann@[192.0.2.1]", "ann@[b", "ann@example.", "ann@.example", "ann@a..b", "a..b@example.org"),
    *(".ann@example.org", "ann@exa!mple.org", "ann@example.org\u00a0", "a\u3000b@example.org"),
    *("ann\u2028@example.org", "\u202eann@example.org", "ann\x01@example.org", "ann@example.org\n"),
]


class Box:
    """What a mail server got; `answer` is what it says to the next recipients."""

    def __init__(self) -> None:
        """Start empty and willing."""
        self.mails: list[str] = []
        self.answer = "250 OK"
        self.sender_answer = "250 OK"

    async def handle_MAIL(  # noqa: N802
        self,
        _server: object,
        _session: object,
        envelope: Any,  # noqa: ANN401
        address: str,
        _options: object,
    ) -> str:
        """Take or refuse a sender."""
        envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(  # noqa: N802 - the name is the mail server's
        self,
        _server: object,
        _session: object,
        envelope: Any,  # noqa: ANN401
        address: str,
        _options: object,
    ) -> str:
        """Take or refuse a recipient."""
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(  # noqa: N802
        self,
        _server: object,
        _session: object,
        envelope: Any,  # noqa: ANN401
    ) -> str:
        """Keep a mail."""
        self.mails.append(envelope.content.decode())
        return "250 OK"


@pytest.fixture
def box() -> Box:
    """Return an empty box."""
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[MailServer]:
    """Yield a running mail server that puts its mail into the box."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield MailServer(
            host="127.0.0.1",
            port=port,
            sender="cards@example.org",
            security="none",
            base_url="https://cards.example.org/",
        )
    finally:
        controller.stop()


@pytest.fixture
def work(connect: Callable[..., psycopg.Connection]) -> Callable[[Call], list[Row]]:
    """Return a function that makes one call as the worker; a month has been imported."""
    make_users(connect("ccp_owner"))
    import_month(connect(), MONTH)
    connection = cast("psycopg.Connection[Row]", connect(row_factory=dict_row, autocommit=True))

    def call(wanted: Call) -> list[Row]:
        with connection.transaction():
            connection.execute("SET LOCAL ROLE ccp_worker")
            connection.execute("SELECT set_config('app.actor', 'worker', true)")
            return connection.execute(*wanted).fetchall()

    return call


def states(superuser: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Return state, attempts and last error of all messages."""
    return superuser.execute("SELECT state, attempts, last_error FROM app.outbox").fetchall()


def test_a_completed_session_is_told_once(
    work: Callable[[Call], list[Row]],
    server: MailServer,
    box: Box,
    superuser: psycopg.Connection,
) -> None:
    """The mail has the summary and the link; a second look finds nothing to send."""
    assert send_due(work, server) == 1
    assert send_due(work, server) == 0
    (mail,) = (message_from_string(mail, policy=default) for mail in box.mails)
    (message_id, session_id) = superuser.execute(
        "SELECT message_id, session_id FROM app.outbox"
    ).fetchone() or (None, None)
    assert mail["Message-ID"] == f"<{message_id}@example.org>"
    assert mail["To"] == "pat@example.org"
    assert mail["Subject"] == "Processing complete: March"
    for line in (
        "- Total employees: 2",
        "- Completed: 0",
        "- Employees with issues: 2",
        f"View details: https://cards.example.org/sessions/{session_id}",
    ):
        assert line in mail.get_content().splitlines()
    assert states(superuser) == [("sent", 1, None)]


def test_a_refusal_for_now_is_tried_again(
    work: Callable[[Call], list[Row]],
    server: MailServer,
    box: Box,
    superuser: psycopg.Connection,
) -> None:
    """A 4xx and an absent server leave the message pending; later it goes out."""
    box.answer = "451 come back later"
    assert send_due(work, server) == 1
    assert states(superuser) == [("pending", 1, "451 come back later")]
    assert send_due(work, server) == 0
    make_due(superuser)
    away = MailServer(host="127.0.0.1", port=9, sender="a@example.org", security="none")
    assert send_due(work, away) == 1
    (state, attempts, error) = states(superuser)[0]
    assert (state, attempts) == ("pending", 2)
    assert "refused" in error
    make_due(superuser)
    box.answer = "250 OK"
    assert send_due(work, server) == 1
    assert states(superuser) == [("sent", 3, None)]
    assert len(box.mails) == 1


def test_a_refusal_for_good_is_given_up(
    work: Callable[[Call], list[Row]],
    server: MailServer,
    box: Box,
    superuser: psycopg.Connection,
) -> None:
    """A 5xx is not tried again."""
    box.answer = "550 no such box"
    assert send_due(work, server) == 1
    assert states(superuser) == [("failed", 1, "550 no such box")]


def test_a_refused_sender_is_no_fault_of_the_message(
    work: Callable[[Call], list[Row]],
    server: MailServer,
    box: Box,
    superuser: psycopg.Connection,
) -> None:
    """A wrong sender or a blocked machine loses no mail; what is given up is counted."""
    counted = """SELECT value FROM report.metrics WHERE metric = 'ccp_messages_failed_last_day'"""
    box.sender_answer = "550 sender not permitted"
    assert send_due(work, server) == 1
    assert states(superuser) == [("pending", 1, "550 sender not permitted")]
    assert superuser.execute(counted).fetchone() == (0,)
    make_due(superuser)
    box.sender_answer, box.answer = "250 OK", "550 no such box"
    assert send_due(work, server) == 1
    assert states(superuser) == [("failed", 2, "550 no such box")]
    assert superuser.execute(counted).fetchone() == (1,)


def test_a_worker_without_server_has_no_such_duty(server: MailServer) -> None:
    """It takes no message out and writes no reminder; one with a server does both."""
    assert MailServer.from_environment({}) is None
    settings = Settings(database_url="-", token_secret=b"x" * 32)
    for known, found in ((None, 0), (server, 1)):
        duties = Worker(Database(settings), settings, known).duties
        assert [duty.name for duty in duties].count("mail") == found


def test_a_name_cannot_add_headers() -> None:
    """Line ends in a session's name are blanks in the subject."""
    server = MailServer(host="localhost", port=25, sender="a@example.org", security="none")
    message = {
        "kind": "session_failed",
        "message_id": "m",
        "session_id": "s",
        "recipient_email": "pat@example.org",
        "summary": {"session_name": "March\r\nBcc: eve@example.org", "failure_reason": "{x}"},
    }
    mail = compose(message, server)
    assert mail["Subject"] == "Processing failed: March Bcc: eve@example.org"
    assert mail["Bcc"] is None
    assert "Reason: {x}" in mail.get_content()


def test_a_mail_can_be_written_to_every_address_there_is(
    connect: Callable[..., psycopg.Connection],
) -> None:
    """What the database takes is one recipient, and no message keeps the next ones waiting."""
    taken = (
        connect("ccp_owner")
        .execute(
            "SELECT address FROM unnest(%s::text[]) AS address WHERE app.is_address(address)",
            (ADDRESSES,),
        )
        .fetchall()
    )
    said = {"kind": "reminder", "summary": {"subject": "March", "body": "Please"}, "message_id": 1}
    server = MailServer(host="localhost", port=25, sender="a@example.org", security="none")
    for (address,) in taken:
        mail = compose({**said, "recipient_email": address}, server)
        assert [one.addr_spec for one in mail["To"].addresses] == [address]
    assert {address for (address,) in taken} == set(ADDRESSES[:4])


def test_mail_leaves_the_machine_encrypted_only() -> None:
    """A server elsewhere without TLS, a senseless port and a missing sender are refused."""
    plain = {"CCP_SMTP_HOST": "mail.example.org", "CCP_SMTP_FROM": "a@example.org"}
    server = MailServer.from_environment(plain)
    assert server is not None
    assert (server.security, server.port) == ("starttls", 587)
    for wrong in (
        {**plain, "CCP_SMTP_SECURITY": "none"},
        {**plain, "CCP_SMTP_PORT": "70000"},
        {"CCP_SMTP_HOST": "localhost"},
        {**plain, "CCP_SMTP_PASSWORD_FILE": "/nowhere"},
    ):
        with pytest.raises(ConfigurationError):
            MailServer.from_environment(wrong)


def make_due(superuser: psycopg.Connection) -> None:
    """Let the time until the next attempt pass."""
    superuser.execute("SET SESSION AUTHORIZATION ccp_owner")
    superuser.execute("UPDATE app.outbox SET next_attempt_at = now()")
    superuser.execute("RESET SESSION AUTHORIZATION")


def test_a_reminder_is_what_was_previewed(
    work: Callable[[Call], list[Row]],
    server: MailServer,
    box: Box,
    connect: Callable[..., psycopg.Connection],
) -> None:
    """Word for word, to the cardholder's own address, once; nothing of the service is linked."""
    send_due(work, server)
    owner = connect("ccp_owner", autocommit=True)
    owner.execute("UPDATE app.settings SET value = 0 WHERE setting_name = 'reminder_hour'")
    month_id, name, subject, body = owner.execute(
        "SELECT r.month_id, r.employee_name, r.subject, r.body FROM report.reminders AS r"
        " ORDER BY r.employee_name LIMIT 1"
    ).fetchone() or (None, None, None, None)
    address = json.dumps([{"employee_name": name, "email": "joan@example.org"}])
    owner.execute("SELECT api.save_addresses(%s)", (address,))
    owner.execute(
        "SELECT api.choose_reminder_day(%s, (now() AT TIME ZONE 'UTC')::date)", (month_id,)
    )
    for written in (1, 0):
        assert work(Call(queries.WRITE_REMINDERS, {})) == [{"written": written}]
    assert send_due(work, server) == 1
    assert send_due(work, server) == 0
    mail = message_from_string(box.mails[-1], policy=default)
    assert (mail["To"], mail["Subject"]) == ("joan@example.org", subject)
    assert mail.get_content().replace("\r\n", "\n") == body
    assert "cards.example.org" not in box.mails[-1]
