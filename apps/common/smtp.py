"""SMTP with a callback before a message's last line, so that a crash rarely leaves its outcome unknown.

A server discards a message whose last line it has not received (RFC 5321, 4.1.1.4), and is responsible for it once it
has answered. Only in between is the outcome unknown (RFC 1047): the callback can record that this moment begins.
"""

import re
import smtplib
from collections.abc import Callable
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend

# RFC 5321, 4.5.3.2.6 requires ten minutes, to avoid sending twice. We do not send again after this timeout.
ANSWER_SECONDS = 60
GO_AHEAD = 354


class AnswerUnknown(smtplib.SMTPException):
    """The whole message was transmitted and no answer came: the server may have accepted it."""


class _TwoStepData:
    """Mixin of smtplib's connections: calls `before_last_line` when only the message's last line is left to send."""

    before_last_line: Callable[[], None] | None = None

    def data(self: Any, msg: Any) -> tuple[int, bytes]:
        """smtplib's, in two steps. An exception in `before_last_line` closes the connection: the server discards it."""
        self.putcmd("data")
        code, answer = self.getreply()
        if code != GO_AHEAD:
            raise smtplib.SMTPDataError(code, answer)
        body = re.sub(rb"(?m)^\.", b"..", msg)
        try:
            self.send(body if body.endswith(b"\r\n") else body + b"\r\n")
            if self.before_last_line:
                self.before_last_line()
            self.sock.settimeout(ANSWER_SECONDS)
        except BaseException:
            # Without QUIT, which the server would read as a line of the message.
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


class _Plain(_TwoStepData, smtplib.SMTP):
    pass


class _Encrypted(_TwoStepData, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoEmailBackend):
    """Django's backend, with a callback before each message's last line: from then on the server may accept it.

    Raises AnswerUnknown besides what smtplib raises.
    """

    def __init__(self, *args: Any, before_last_line: Callable[[], None] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before_last_line = before_last_line

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Encrypted if self.use_ssl else _Plain

    def open(self) -> bool | None:
        opened = super().open()
        if isinstance(self.connection, _TwoStepData):
            self.connection.before_last_line = self.before_last_line
        return opened
