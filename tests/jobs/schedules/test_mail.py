"""Mail to a real server on loopback: what arrives, and every way in which it must not."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from pixelcraft_desktop.jobs.schedules.mail import (
    PASSWORD_VARIABLE,
    Mail,
    MailNotSent,
    is_set_up,
    send,
)
from pixelcraft_desktop.settings import Settings

CERTIFICATE = Path(__file__).parent / "localhost.pem"
MAIL = Mail("Week 47", "# Text — ü", "<p>Page — ü</p>")
PASSWORD = "correct horse"  # noqa: S105 - opens nothing but the server of these tests


class Inbox:
    """What a server was handed, and what it answers to it."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answer = "250 OK"
        self.refused: set[str] = set()
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return self.answer

    def check(
        self, _server: Any, _session: Any, _envelope: Any, _way: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    def read(self) -> EmailMessage:
        (envelope,) = self.envelopes
        assert isinstance(envelope.content, bytes)
        read = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(read, EmailMessage)
        return read


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


Serve = Callable[..., Settings]


@pytest.fixture
def serve(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a server and return the settings that lead there."""
    running: list[Controller] = []
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)

    def start(security: str = "none", **options: Any) -> Settings:
        if security != "none":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            options |= {"ssl_context": context} if security == "tls" else {"tls_context": context}
        controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        running.append(controller)
        return Settings(
            smtp_host="localhost",
            smtp_port=controller.port,
            smtp_security=security,
            digest_to="me@example.org",
        )

    yield start
    for controller in running:
        controller.stop()


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the tests' own certificate trusted, as an administrator would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a password may be."""
    return tmp_path / "smtp-password"


def reason(settings: Settings, file: Path, mail: Mail = MAIL, **times: float) -> str:
    with pytest.raises(MailNotSent) as caught:
        send(mail, settings, file, **times)
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_text_and_page_arrive_at_everybody(serve: Serve, inbox: Inbox, file: Path) -> None:
    settings = replace(serve(), digest_to="a@example.org, b@example.org", digest_from="me@here.org")
    send(MAIL, settings, file)
    message = inbox.read()
    assert inbox.envelopes[0].rcpt_tos == ["a@example.org", "b@example.org"]
    assert inbox.envelopes[0].mail_from == "me@here.org"
    assert (message["Subject"], message["From"]) == ("Week 47", "me@here.org")
    assert message["To"] == "a@example.org, b@example.org"
    assert message["Message-ID"].endswith("@here.org>")
    parts = {part.get_content_type(): part for part in message.iter_parts()}
    contents = {kind: part.get_content().strip() for kind, part in parts.items()}
    assert contents == {"text/plain": MAIL.text, "text/html": MAIL.html}


def test_mail_is_set_up_by_a_server_and_somebody(serve: Serve) -> None:
    settings = serve()
    assert is_set_up(settings)
    assert not is_set_up(replace(settings, digest_to=""))
    assert not is_set_up(replace(settings, smtp_host=""))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_must_be_trusted(
    security: str, serve: Serve, inbox: Inbox, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = serve(security)
    assert "certificate is not trusted" in reason(settings, file)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    # The right certificate under another name is the wrong one.
    assert "certificate is not trusted" in reason(replace(settings, smtp_host="127.0.0.1"), file)
    assert inbox.envelopes == []
    send(MAIL, settings, file)
    assert len(inbox.envelopes) == 1


def test_a_server_without_encryption_gets_nothing(serve: Serve, inbox: Inbox, file: Path) -> None:
    settings = replace(serve(), smtp_security="starttls")
    assert "STARTTLS" in reason(settings, file)
    assert inbox.envelopes == []


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_comes_from_the_environment_or_a_file(
    security: str, serve: Serve, inbox: Inbox, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"auth_require_tls": security == "starttls", "authenticator": inbox.check}
    settings = replace(serve(security, **options), smtp_user="me")
    assert "there is no password" in reason(settings, file)
    file.write_text("wrong\n")
    file.chmod(0o600)
    assert "refused user and password" in reason(settings, file)
    file.write_text(PASSWORD + "\r\n")
    send(MAIL, settings, file)
    file.unlink()
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    send(MAIL, settings, file)
    assert inbox.logins[-1] == (b"me", PASSWORD.encode())
    assert len(inbox.envelopes) == 2


@pytest.mark.skipif(os.name != "posix", reason="other systems keep no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_password_that_others_may_read_is_refused(
    mode: int, serve: Serve, inbox: Inbox, file: Path
) -> None:
    file.write_text(PASSWORD)
    file.chmod(mode)
    assert "chmod 600" in reason(replace(serve("starttls"), smtp_user="me"), file)


def test_a_password_is_never_sent_in_the_open(serve: Serve, inbox: Inbox, file: Path) -> None:
    file.write_text(PASSWORD)
    file.chmod(0o600)
    settings = serve(auth_require_tls=False, authenticator=inbox.check)
    assert "starttls" in reason(replace(settings, smtp_user="me"), file)
    assert inbox.logins == []


def test_a_password_file_that_is_no_text(serve: Serve, file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    file.chmod(0o600)
    assert "can't be read" in reason(replace(serve("starttls"), smtp_user="me"), file)


@pytest.mark.parametrize(
    ("to", "sender"),
    [
        ("a@b.org\r\nBcc: c@d.org", ""),
        ("a@b.org", "a@b.org\nBcc: c@d.org"),
        ("a@b.org\rX", ""),
    ],
)
def test_no_address_becomes_a_header(
    to: str, sender: str, serve: Serve, inbox: Inbox, file: Path
) -> None:
    # Settings refuse these already; here it is as if they had not.
    settings = replace(serve(), digest_to=to, digest_from=sender)
    assert "can't be written" in reason(settings, file)
    assert inbox.envelopes == []


def test_no_subject_becomes_a_header(serve: Serve, inbox: Inbox, file: Path) -> None:
    mail = replace(MAIL, subject="Hello\r\nBcc: c@d.org")
    assert "can't be written" in reason(serve(), file, mail)
    assert inbox.envelopes == []


def test_no_line_of_the_text_ends_the_mail(serve: Serve, inbox: Inbox, file: Path) -> None:
    text = "before\n.\nMAIL FROM:<x@y.org>\n..\n" + "x" * 3_000
    send(replace(MAIL, text=text), serve(), file)
    body = inbox.read().get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").strip() == text


def test_what_the_server_says_is_told_on_one_line(serve: Serve, inbox: Inbox, file: Path) -> None:
    inbox.answer = "554 no \x1b[31m room " + "x" * 400
    told = reason(serve(), file)
    assert told.startswith("localhost: 554 no \\x1b[31m room xxx")
    assert len(told) < 250


def test_who_was_refused_is_told(serve: Serve, inbox: Inbox, file: Path) -> None:
    inbox.refused = {"b@example.org"}
    settings = replace(serve(), digest_to="a@example.org,b@example.org")
    assert reason(settings, file) == "localhost refused b@example.org"
    assert inbox.envelopes[0].rcpt_tos == ["a@example.org"]


def test_nobody_listens(file: Path) -> None:
    settings = Settings(smtp_host="localhost", smtp_port=free_port(), digest_to="a@b.org")
    assert "refused" in reason(settings, file)


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize("words", [[], [b"220-wait\r\n"] * 60])
def test_a_server_that_never_comes_to_the_point(
    security: str, words: list[bytes], file: Path
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                for word in words:
                    connection.sendall(word)
                    time.sleep(0.05)
                connection.recv(10_000)
                connection.recv(10_000)
            except OSError:
                pass

    server = threading.Thread(target=talk)
    server.start()
    settings = Settings(
        smtp_host="localhost",
        smtp_port=listener.getsockname()[1],
        smtp_security=security,
        digest_to="a@b.org",
    )
    began = time.monotonic()
    told = reason(settings, file, step_s=0.4, deadline_s=0.6)
    assert time.monotonic() - began < 2
    assert told.startswith("localhost: ")
    server.join()
    listener.close()
