"""E-mail: hands a message to an SMTP server, and says what its replies mean.

Does not compose it (`letter`), nor decide when to try again (`outbox`).
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address

from monitor.errors import ChannelError, DeliveryError
from monitor.notify.mail_headers import address
from monitor.notify.plain import line
from monitor.types import Delivery, MailServer

FINAL_REPLY_FACTOR = 4
"""How many timeouts the reply to the message itself may take.

A server checks a message before it accepts it; giving up too early sends it twice.
"""

ACCEPTED = range(200, 300)
PERMANENT = 500
LOGIN_REQUIRED = 530
TOO_LARGE = 552


class Mailer:
    """The mail server as a sender of the outbox."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        # One delivery takes some 25 timeouts at the worst.
        self.lease = timedelta(seconds=40 * server.timeout_s)

    def send(self, delivery: Delivery) -> None:
        send(self.server, delivery)


def send(server: MailServer, delivery: Delivery) -> None:
    """Hand one delivery to the server; returns when the server has taken it."""
    with connect(server) as smtp:
        transmit(smtp, server, delivery)


class ServerError(ChannelError):
    """The network, the server or its settings, whichever delivery it was."""

    def __init__(self, server: MailServer, why: str, *, recipient: str = "") -> None:
        super().__init__(f"{_place(server)}: {why}", recipient=recipient)


@contextmanager
def connect(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A session, encrypted and logged in as configured; raises `ServerError`.

    A password is refused over a connection without encryption, unless the server is
    on this machine. Certificates are verified; `SSL_CERT_FILE` names a private CA.
    """
    try:
        smtp = _session(server)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise ServerError(server, _advice(server, error)) from error
    try:
        yield smtp
    finally:
        # The message was taken or not by now; a failing farewell changes nothing.
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


def transmit(smtp: smtplib.SMTP, server: MailServer, delivery: Delivery) -> None:
    """Send one delivery in a session that has sent none yet.

    Raises `DeliveryError`, permanent for a 5xx to the recipient or the message. A
    connection that is lost after the message went out is not permanent, though the
    server may have taken it: the same Message-ID at the next attempt lets it notice.
    """
    try:
        _converse(smtp, server, delivery)
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(
            f"{_place(server)}: {_advice(server, error)}",
            recipient=delivery.recipient,
            permanent=False,
        ) from error


def _session(server: MailServer) -> smtplib.SMTP:
    if server.username and server.security == "none" and not _is_local(server.host):
        raise smtplib.SMTPNotSupportedError(
            "a password is not sent unencrypted: set security to starttls or tls"
        )
    # The name for EHLO; smtplib would ask the resolver, which can take seconds.
    name = address(server.sender)[1].rpartition("@")[2]
    smtp = _open(server, name)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if server.username:
            smtp.login(server.username, server.password or "")
    except BaseException:
        smtp.close()
        raise
    return smtp


def _open(server: MailServer, name: str) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            name,
            timeout=server.timeout_s,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(server.host, server.port, name, timeout=server.timeout_s)


def _converse(smtp: smtplib.SMTP, server: MailServer, delivery: Delivery) -> None:
    sender = address(server.sender)[1]
    size = [f"size={len(delivery.body)}"] if smtp.has_extn("size") else []
    code, reply = smtp.mail(sender, size)
    if not _taken(code) and code != TOO_LARGE:
        why = f"refuses the sender {sender} ({_reply(code, reply)}): check mail.sender"
        raise ServerError(server, why, recipient=delivery.recipient)
    if _taken(code):
        code, reply = smtp.rcpt(delivery.recipient)
    if _taken(code):
        code, reply = _content(smtp, server, delivery)
    if not _taken(code):
        raise DeliveryError(
            f"{_place(server)} refuses the mail to {delivery.recipient}: "
            f"{_reply(code, reply)}",
            recipient=delivery.recipient,
            permanent=code >= PERMANENT and code != LOGIN_REQUIRED,
        )


def _content(
    smtp: smtplib.SMTP, server: MailServer, delivery: Delivery
) -> tuple[int, bytes]:
    if smtp.sock is not None:
        smtp.sock.settimeout(server.timeout_s * FINAL_REPLY_FACTOR)
    try:
        return smtp.data(delivery.body)
    except smtplib.SMTPDataError as error:
        reply = error.smtp_error
        return error.smtp_code, reply if isinstance(reply, bytes) else reply.encode()


def _taken(code: int) -> bool:
    return code in ACCEPTED


def _reply(code: int, reply: bytes | str) -> str:
    text = reply if isinstance(reply, str) else reply.decode("utf-8", "replace")
    return f"{code} {line(text, 200)}"


def _is_local(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host.lower() == "localhost"


def _place(server: MailServer) -> str:
    return f"mail server {server.host}:{server.port}"


def _advice(server: MailServer, error: Exception) -> str:
    """What went wrong with the connection, and what to do about it."""
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code, smtp_error=reply):
            advice = (
                f"refuses the login ({_reply(code, reply)}): check user and password"
            )
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=reply):
            advice = f"answers {_reply(code, reply)}"
        case ssl.SSLCertVerificationError():
            advice = (
                f"its certificate is not valid ({error.verify_message}): check "
                "mail.host; for a private CA set SSL_CERT_FILE"
            )
        case ssl.SSLError():
            advice = (
                f"no TLS ({error.reason}): mail.security is {server.security}; port "
                "465 mostly wants tls, port 587 starttls"
            )
        case smtplib.SMTPNotSupportedError() if "STARTTLS" in str(error):
            advice = "offers no STARTTLS: set mail.security to what it does offer"
        case UnicodeEncodeError():
            advice = "the user or the password has characters that a login cannot carry"
        case ConnectionRefusedError():
            advice = "refuses the connection: check mail.host and mail.port"
        # smtplib turns a timeout within the session into a lost connection.
        case OSError() if "timed out" in str(error):
            advice = f"does not answer within {server.timeout_s:g} s"
        case smtplib.SMTPServerDisconnected():
            advice = "closed the connection"
        case _:
            advice = line(str(error), 200) or type(error).__name__
    return advice
