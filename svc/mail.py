"""Sends the outbox by SMTP.

The database decides what is due, how often it is tried and when it is given up. A message is taken
out under a lease, sent, and reported; a worker that dies in between sends it once more, under the
same Message-ID.
"""

from __future__ import annotations

import logging
import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

from svc import queries
from svc.config import ConfigurationError
from svc.db import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from svc.db import Row

    Work: TypeAlias = Callable[[Call], list[Row]]

log = logging.getLogger("ccp.mail")

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PERMANENT = range(500, 600)
BATCH = 20
LEASE_SECONDS = 300
REMINDER = "reminder"
TEXTS = {
    "session_completed": (
        "Processing complete: {session_name}",
        "Your expense report has been processed.\n\nSummary:\n"
        "- Total employees: {total_employees}\n- Completed: {employees_completed}\n"
        "- Employees with issues: {employees_with_issues}\n- Open issues: {open_issues}\n",
    ),
    "session_awaiting_decision": (
        "Decision needed: {session_name}",
        "Nothing of your expense report is accepted until somebody decides.\n\n"
        "What asks for it: {reasons}\n",
    ),
    "session_failed": (
        "Processing failed: {session_name}",
        "Your expense report could not be processed.\n\nReason: {failure_reason}\n",
    ),
}


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where mail goes: `security` is `none` (this machine only), `starttls` or `tls`."""

    host: str
    port: int
    sender: str
    security: str
    base_url: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 20.0
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse a server that mail cannot safely go to. Raises ConfigurationError."""
        if self.security not in {"none", "starttls", "tls"}:
            raise ConfigurationError("CCP_SMTP_SECURITY must be none, starttls or tls")
        if self.security == "none" and self.host not in LOOPBACK:
            raise ConfigurationError("CCP_SMTP_SECURITY may be none on this machine only")
        if "@" not in self.sender or any(mark in self.sender for mark in "\r\n"):
            raise ConfigurationError("CCP_SMTP_FROM must be a mail address")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> MailServer | None:
        """Read the server from the environment; None when no CCP_SMTP_HOST is set.

        Raises ConfigurationError for a missing, unreadable or senseless value.
        """
        env = os.environ if environment is None else environment
        host = env.get("CCP_SMTP_HOST")
        if not host:
            return None
        security = env.get("CCP_SMTP_SECURITY", "none" if host in LOOPBACK else "starttls")
        port = env.get("CCP_SMTP_PORT", {"starttls": "587", "tls": "465"}.get(security, "25"))
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
            raise ConfigurationError("CCP_SMTP_PORT must be a port number")
        password_file = env.get("CCP_SMTP_PASSWORD_FILE")
        try:
            password = Path(password_file).read_text().strip() if password_file else None
        except OSError as error:
            raise ConfigurationError(
                f"CCP_SMTP_PASSWORD_FILE cannot be read: {error.strerror}"
            ) from error
        return cls(
            host=host,
            port=int(port),
            sender=env.get("CCP_SMTP_FROM", ""),
            security=security,
            base_url=env.get("CCP_BASE_URL"),
            user=env.get("CCP_SMTP_USER"),
            password=password,
        )

    def connect(self) -> smtplib.SMTP:
        """Connect, greeted and logged in. Raises OSError, among them every SMTPException."""
        context = self.context or ssl.create_default_context()
        if self.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout_seconds, context=context
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        try:
            if self.security == "starttls":
                connection.starttls(context=context)
            if self.user is not None:
                connection.login(self.user, self.password or "")
        except BaseException:
            connection.close()
            raise
        return connection


def send_due(work: Work, server: MailServer, limit: int = BATCH) -> int:
    """Send what is due and report each; return how many messages were taken out.

    `work` makes one call as the worker, in a transaction of its own. Raises what `work` raises; a
    mail server that is away or refuses is reported, not raised.
    """
    claim = {"limit": limit, "lease_seconds": LEASE_SECONDS}
    messages = work(Call(queries.CLAIM_MESSAGES, claim))
    for message in messages:
        error, is_final = deliver(message, server)
        report = {"error": error, "is_final": is_final}
        place = {"message_id": message["message_id"], "attempt": message["attempt"]}
        state = work(Call(queries.RECORD_DELIVERY, {**place, **report}))[0]["state"]
        fields = {"message_id": str(message["message_id"]), "state": state, "error": error}
        log.info("message", extra={"fields": fields})
    return len(messages)


def deliver(message: Row, server: MailServer) -> tuple[str | None, bool]:
    """Send one message; return why it was not taken, or None, and whether that is for good.

    Only what is wrong with the recipient or the message itself is.
    """
    if message["recipient_email"] is None:
        return "there is no address any more, or its day (of others: its week) is over", True
    try:
        mail = compose(message, server)
        with server.connect() as connection:
            connection.send_message(mail)
    except smtplib.SMTPRecipientsRefused as refused:
        code, reason = next(iter(refused.recipients.values()))
        return describe(code, reason), code in PERMANENT
    except smtplib.SMTPResponseException as refused:
        # Of the sender, the login or the machine: that is not wrong with the message.
        return describe(refused.smtp_code, refused.smtp_error), False
    except (OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"[:1000], isinstance(error, ValueError)
    return None, False


def compose(message: Row, server: MailServer) -> EmailMessage:
    """Write the mail. Raises ValueError for an address that is none."""
    subject, text = written(message, server.base_url)
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = server.sender
    mail["To"] = message["recipient_email"]
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = f"<{message['message_id']}@{server.sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    return mail


def written(message: Row, base_url: str | None) -> tuple[str, str]:
    """Return subject and text: a reminder's are the database's, others' lead to the page."""
    summary = message["summary"]
    if message["kind"] == REMINDER:
        return " ".join(summary["subject"].split()), summary["body"]
    subject, text = TEXTS[message["kind"]]
    summary = {key: " ".join(str(value).split()) for key, value in summary.items()}
    text = text.format(**summary)
    if base_url:
        text += f"\nView details: {base_url.rstrip('/')}/sessions/{message['session_id']}\n"
    return subject.format(**summary), text


def describe(code: int, reason: bytes | str) -> str:
    """Tell a mail server's refusal in one line."""
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    return f"{code} {' '.join(text.split())}"[:1000]
