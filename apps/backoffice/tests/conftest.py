import pytest

from apps.accounts.tests.factories import StaffFactory
from apps.operations.tests.conftest import aws, aws_server

# Pages of operations are tested against the same stand-in of AWS as operations.
__all__ = ["aws", "aws_server"]


@pytest.fixture
def staff(client, db):
    """A superuser, logged in."""
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    return user
