"""A real SMTP server whose replies a test can choose, and which counts what it took.

`with running(Sink()) as sink:` listens on a free port; `sink.server` configures it.
"""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from monitor.types import MailServer


@dataclass(kw_only=True)
class Sink:
    """What the server answers, and what it has taken."""

    greeting_delay_s: float = 0.0
    mail_reply: str = "250 OK"
    rcpt_replies: dict[str, str] = field(default_factory=dict)
    """By recipient; 250 otherwise."""
    data_replies: list[str] = field(default_factory=list)
    """For the first messages; `drop` closes the connection after the last byte."""
    data_delay_s: float = 0.0
    password: str | None = None
    """Requires a login with this password."""
    tls: ssl.SSLContext | None = None
    security: Literal["starttls", "tls", "none"] = "none"
    """What the server offers."""
    connections: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    """Recipient and message of each 250."""
    seen: list[tuple[str, bytes]] = field(default_factory=list)
    """Likewise of each message that came whole, whatever was answered."""
    server: MailServer = field(init=False)
    transports: list[asyncio.Transport] = field(default_factory=list)

    def messages(self) -> list[EmailMessage]:
        return [
            message_from_bytes(body, _class=EmailMessage, policy=policy.default)
            for _, body in self.taken
        ]

    # aiosmtpd calls these

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self,
        _server: Any,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        _server: Any,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        # aiosmtpd's own auth_required warns where there is no TLS.
        if self.password is not None and not session.authenticated:
            return "530 log in first"
        if self.mail_reply.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.mail_reply

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: Any,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        reply = self.rcpt_replies.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, _session: Session, envelope: Envelope
    ) -> str:
        message = (envelope.rcpt_tos[0], bytes(envelope.original_content or b""))
        self.seen.append(message)
        await asyncio.sleep(self.data_delay_s)
        reply = self.data_replies.pop(0) if self.data_replies else "250 taken"
        if reply == "drop":
            server.transport.abort()
        if reply.startswith("250"):
            self.taken.append(message)
        return reply

    def authenticate(
        self,
        _server: Any,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        login: Any,
    ) -> AuthResult:
        assert isinstance(login, LoginPassword)
        good = login.password == (self.password or "").encode()
        return AuthResult(success=good, handled=False)


class _Server(SMTP):
    """Counts connections, and greets late if asked to."""

    def connection_made(self, transport: Any) -> None:
        self.event_handler.transports.append(transport)
        super().connection_made(transport)

    async def _handle_client(self) -> None:
        sink = self.event_handler
        sink.connections += 1
        await asyncio.sleep(sink.greeting_delay_s)
        await super()._handle_client()


@contextmanager
def running(sink: Sink) -> Iterator[Sink]:
    """The sink, listening until the end of the block."""
    loop = asyncio.new_event_loop()
    implicit = sink.tls if sink.security == "tls" else None

    def protocol() -> SMTP:
        return _Server(
            sink,
            tls_context=sink.tls if sink.security == "starttls" else None,
            authenticator=sink.authenticate,
            auth_require_tls=False,
            hostname="test",
            loop=loop,
        )

    listener = loop.run_until_complete(
        loop.create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    )
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    sink.server = MailServer(
        host="localhost",
        port=listener.sockets[0].getsockname()[1],
        security=sink.security,
        sender="Compute Monitor <monitor@example.org>",
        timeout_s=2.0,
    )
    try:
        yield sink
    finally:
        asyncio.run_coroutine_threadsafe(_close(sink, listener), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _close(sink: Sink, listener: asyncio.Server) -> None:
    listener.close()
    for transport in sink.transports:
        transport.abort()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # aborted transports close in the next round
