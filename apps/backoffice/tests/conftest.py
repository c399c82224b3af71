"""The pages of operations are tested against the same stand-in of AWS as operations."""

from apps.operations.tests.conftest import aws, aws_server

__all__ = ["aws", "aws_server"]
