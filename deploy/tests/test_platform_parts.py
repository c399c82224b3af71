"""`make test-platform` runs what is there."""

from local import ROOT
from test_platform import PARTS


def test_every_part_names_a_program_that_is_there():
    assert [part.name for part in PARTS if not (ROOT / part.command[1]).is_file()] == []
