"""What is wrong with a file, or with one row of it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from apps.common.errors import DomainError


class UnreadableFile(DomainError):
    """The file as a whole cannot be read: missing, empty, cut off, not text, without the columns that it needs."""

    code = "unreadable_file"


class DoubtfulEncoding(UnreadableFile):
    """The file's letters can be read in several ways. `readings` are (codec, its name, a word of the file so read)."""

    def __init__(self, readings: Sequence[tuple[str, str, str]]) -> None:
        self.readings = list(readings)
        words = ", ".join(f"« {word} » ({name})" for _codec, name, word in readings)
        super().__init__(
            _(
                "L’encodage de ce fichier n’est pas sûr. Choisissez celui qui donne le bon mot, ou enregistrez le "
                "fichier en UTF-8 : %(readings)s."
            )
            % {"readings": words}
        )


class Refusal(Exception):
    """This row cannot be imported; the message is the reason, for the rejects file, and `column` what the file calls
    the column that it is about, where it is about one."""

    column = ""
