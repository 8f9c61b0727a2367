"""Mail: one message through the user's own mail server, or a plain reason why not."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import stat
import threading
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path

from pixelcraft_desktop.filenames import printable
from pixelcraft_desktop.jobs.schedules.timetable import DutyFailed
from pixelcraft_desktop.settings import Settings

PASSWORD_VARIABLE = "PIXELCRAFT_SMTP_PASSWORD"  # noqa: S105 - the name of one, not one
# Each step may take a server so long, and all of it together: one that sends a word now and then
# would hold the schedules up for ever.
_STEP_S = 20.0
_DEADLINE_S = 120.0
_LONGEST_REASON = 200


class MailNotSent(DutyFailed):
    """The mail was not sent; the text says why, and never holds a password."""


@dataclass(frozen=True)
class Mail:
    """A message as plain text and as HTML."""

    subject: str
    text: str
    html: str


def is_set_up(settings: Settings) -> bool:
    """Tell whether the user wants mail: a server and somebody to write to."""
    return bool(settings.smtp_host and settings.digest_to)


def send(
    mail: Mail,
    settings: Settings,
    password_file: Path,
    step_s: float = _STEP_S,
    deadline_s: float = _DEADLINE_S,
) -> None:
    """Hand the mail to the server of the settings. Raises MailNotSent."""
    message = _compose(mail, settings)
    password = _find_password(password_file) if settings.smtp_user else None
    if password is not None and settings.smtp_security == "none":
        raise MailNotSent('a password is only sent with smtp_security "starttls" or "tls"')
    deadline = _Deadline(deadline_s)
    try:
        with _connect(settings, step_s, deadline) as connection:
            _deliver(connection, message, settings, password)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        reason = "it did not answer in time" if deadline.is_over else _reason(error)
        raise MailNotSent(f"{settings.smtp_host}: {reason}") from error
    finally:
        deadline.cancel()


def _compose(mail: Mail, settings: Settings) -> EmailMessage:
    recipients = [address.strip() for address in settings.digest_to.split(",")]
    sender = settings.digest_from or recipients[0]
    message = EmailMessage(policy=SMTP)
    try:
        message["Subject"] = mail.subject
        message["From"] = sender
        message["To"] = recipients
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
    except (ValueError, MessageError) as error:
        raise MailNotSent(f"the mail can't be written: {_reason(error)}") from error
    return message


def _find_password(file: Path) -> str:
    """Return the password from the environment, else from a file that only its owner may read."""
    if password := os.environ.get(PASSWORD_VARIABLE):
        return password
    try:
        with open(file, "rb") as opened:
            if os.name == "posix" and stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
                raise MailNotSent(f"others may read {file}; chmod 600 keeps it to you")
            text = opened.read(4_096).decode("utf-8")
    except FileNotFoundError:
        places = f"neither ${PASSWORD_VARIABLE} nor {file}"
        raise MailNotSent(f"there is no password, {places}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise MailNotSent(f"{file} can't be read: {_reason(error)}") from error
    return text.strip("\r\n")


class _Deadline:
    """Ends a conversation that lasts too long: whoever waits for an answer gets none."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._connection: smtplib.SMTP | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def hold(self, connection: smtplib.SMTP) -> None:
        self._connection = connection
        self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self.is_over = True
        try:
            if self._connection is not None and self._connection.sock is not None:
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has just ended by itself


class _Plain(smtplib.SMTP):
    """A conversation whose deadline begins before the first word of the server."""

    def __init__(self, settings: Settings, step_s: float, deadline: _Deadline) -> None:
        deadline.hold(self)
        super().__init__(settings.smtp_host, settings.smtp_port, timeout=step_s)


class _Encrypted(smtplib.SMTP_SSL):
    """The same, encrypted from the beginning."""

    def __init__(self, settings: Settings, step_s: float, deadline: _Deadline) -> None:
        deadline.hold(self)
        context = ssl.create_default_context()
        place = (settings.smtp_host, settings.smtp_port)
        super().__init__(*place, timeout=step_s, context=context)


def _connect(settings: Settings, step_s: float, deadline: _Deadline) -> smtplib.SMTP:
    """Connect, encrypted where that is wanted and never without the server's name verified."""
    if settings.smtp_security == "tls":
        return _Encrypted(settings, step_s, deadline)
    connection = _Plain(settings, step_s, deadline)
    if settings.smtp_security == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
        except BaseException:
            connection.close()
            raise
    return connection


def _deliver(
    connection: smtplib.SMTP, message: EmailMessage, settings: Settings, password: str | None
) -> None:
    if password is not None:
        connection.login(settings.smtp_user, password)
    refused = connection.send_message(message)
    if refused:
        raise MailNotSent(f"{settings.smtp_host} refused {', '.join(map(printable, refused))}")


def _reason(error: Exception) -> str:
    """Return in one short line what went wrong. What a server says is outside text."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "the server refused user and password"  # some servers repeat what they were sent
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {printable(error.verify_message)}"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        text = f"{error.smtp_code} {words}"
    else:
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable(" ".join(text.split()))[:_LONGEST_REASON]
