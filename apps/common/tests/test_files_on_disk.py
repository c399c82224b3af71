"""A file is at its name once it is whole, whatever ends its writing."""

import errno
from contextlib import suppress

import pytest
from django.core.files.base import ContentFile

from apps.common import partial_files
from apps.common.files_on_disk import WholeFileSystemStorage

DEAD = ".tea.webp.4000000-0123abcd.partial"


class Interrupted(ContentFile):
    """Its second half does not come."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(b"")
        self.error = error

    def chunks(self, chunk_size=None):
        yield b"half"
        raise self.error


ENDS = [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), SystemExit()]


@pytest.fixture
def storage(tmp_path) -> WholeFileSystemStorage:
    return WholeFileSystemStorage(location=tmp_path)


@pytest.mark.parametrize("error", ENDS, ids=lambda error: type(error).__name__)
def test_what_is_interrupted_leaves_neither_a_name_nor_a_half(storage, tmp_path, error):
    with pytest.raises(type(error)):
        storage.save("produits/tea.webp", Interrupted(error))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert storage.save("produits/tea.webp", ContentFile(b"whole")) == "produits/tea.webp"


def test_a_name_that_is_taken_meanwhile_is_not_written_over(storage, tmp_path):
    class Overtaken(ContentFile):
        def chunks(self, chunk_size=None):
            (tmp_path / "tea.webp").write_bytes(b"first")
            yield b"second"

    saved = storage.save("tea.webp", Overtaken(b"second"))
    assert saved != "tea.webp"
    assert ((tmp_path / "tea.webp").read_bytes(), (tmp_path / saved).read_bytes()) == (b"first", b"second")


def test_a_long_name_is_written_too(storage):
    name = f"{'é' * 120}.pdf"
    assert storage.save(name, ContentFile(b"whole")) == name


def test_what_a_killed_process_left_is_not_listed_and_the_living_keep_theirs(storage, tmp_path):
    living = partial_files.beside(tmp_path / "tea.webp")
    for path in (living, tmp_path / DEAD, tmp_path / ".of-an-earlier-release.csv.partial", tmp_path / ".gitignore"):
        path.write_bytes(b"half")
    assert storage.listdir("")[1] == [".gitignore"]
    assert {path.name for path in partial_files.sweep(tmp_path)} == {DEAD, ".of-an-earlier-release.csv.partial"}
    assert {path.name for path in tmp_path.iterdir()} == {living.name, ".gitignore"}


def test_a_file_of_a_command_is_whole_or_as_it_was(tmp_path):
    path = tmp_path / "tea.webp"
    path.write_bytes(b"before")
    other = tmp_path / DEAD.replace("tea", "coffee")
    for left in (tmp_path / DEAD, other):
        left.write_bytes(b"half")
    for error in ENDS:
        with suppress(BaseException), partial_files.whole(path) as partial:
            partial.write_bytes(b"half")
            raise error
        assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {
            path.name: b"before",
            other.name: b"half",
        }
    with partial_files.whole(path) as partial:
        partial.write_bytes(b"after")
    assert path.read_bytes() == b"after"
