from apps.prospects.models.attachment import Attachment
from apps.prospects.models.letter import DigestChoice, Letter
from apps.prospects.models.merge import Merge
from apps.prospects.models.note import Note
from apps.prospects.models.prospect import Prospect, ProspectEvent, Stage
from apps.prospects.models.upload import ProspectImport

__all__ = [
    "Attachment",
    "DigestChoice",
    "Letter",
    "Merge",
    "Note",
    "Prospect",
    "ProspectEvent",
    "ProspectImport",
    "Stage",
]
