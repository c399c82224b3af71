"""Hands e-mails to a mail server so that a sender who dies knows, all but one short moment apart, what became of them.

A server keeps nothing of a message whose last line it has not seen (RFC 5321, 4.1.1.4), and has taken charge of it once
it has answered. In between nobody can tell (RFC 1047): whoever sends may note that this moment begins.
"""

import re
import smtplib
from collections.abc import Callable
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend

# RFC 5321, 4.5.3.2.6 asks for ten minutes, lest the message be sent twice. Ours is not sent again then.
ANSWER_SECONDS = 60
GO_AHEAD = 354


class AnswerUnknown(smtplib.SMTPException):
    """The whole message has left and no answer came: the server may have it."""


class _HandsOver:
    """Mixed into a connection of smtplib: `handing` is called once, when only the last line is still to be sent."""

    handing: Callable[[], None] | None = None

    def data(self: Any, msg: Any) -> tuple[int, bytes]:
        """As smtplib's, in two steps. What `handing` raises ends the conversation: the server then keeps nothing."""
        self.putcmd("data")
        code, answer = self.getreply()
        if code != GO_AHEAD:
            raise smtplib.SMTPDataError(code, answer)
        body = re.sub(rb"(?m)^\.", b"..", msg)
        try:
            self.send(body if body.endswith(b"\r\n") else body + b"\r\n")
            if self.handing:
                self.handing()
            self.sock.settimeout(ANSWER_SECONDS)
        except BaseException:
            # Not QUIT, which would be one more line of the message.
            self.close()
            raise
        try:
            self.send(b".\r\n")
            code, answer = self.getreply()
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise AnswerUnknown(str(error)) from error
        self.sock.settimeout(self.timeout)
        return code, answer


class _Plain(_HandsOver, smtplib.SMTP):
    pass


class _Encrypted(_HandsOver, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoEmailBackend):
    """Django's, with `handing`: called for each message just before it counts, from where on it may be with the server.

    Raises AnswerUnknown besides what smtplib raises.
    """

    def __init__(self, *args: Any, handing: Callable[[], None] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.handing = handing

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Encrypted if self.use_ssl else _Plain

    def open(self) -> bool | None:
        opened = super().open()
        if isinstance(self.connection, _HandsOver):
            self.connection.handing = self.handing
        return opened
