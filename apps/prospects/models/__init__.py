from apps.prospects.models.attachment import Attachment
from apps.prospects.models.digest_choice import DigestChoice
from apps.prospects.models.former_team_email import FormerTeamEmail
from apps.prospects.models.merge import Merge
from apps.prospects.models.note import Note
from apps.prospects.models.prospect import Prospect, ProspectEvent, Stage
from apps.prospects.models.upload import ProspectImport

__all__ = [
    "Attachment",
    "DigestChoice",
    "FormerTeamEmail",
    "Merge",
    "Note",
    "Prospect",
    "ProspectEvent",
    "ProspectImport",
    "Stage",
]
