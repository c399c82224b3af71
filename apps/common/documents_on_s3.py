"""Apart from `documents`, which every process imports: boto3 behind it is 15 MB and 0.1 s of a start."""

from pathlib import PurePath
from typing import Any

from django.utils.http import content_disposition_header
from storages.backends.s3 import S3Storage


class DocumentsOnS3(S3Storage):
    """Stores Content-Disposition (attachment, with its file name) on each object, because S3 or the CDN serves it
    without our views. The content type that the sender's browser announced is not stored."""

    signs_urls = True

    def _get_write_parameters(self, name: str, content: Any = None) -> dict[str, Any]:
        filename = PurePath(getattr(content, "name", None) or name).name
        return {
            **super()._get_write_parameters(name, content),
            "ContentType": "application/octet-stream",
            "ContentDisposition": content_disposition_header(True, filename) or "attachment",
        }
