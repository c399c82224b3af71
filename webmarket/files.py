"""Settings of file storages: S3 when the environment names a bucket, folders of this machine otherwise."""

from pathlib import Path
from typing import Any

from environ import Env


def origin(env: Env, *, bucket: str, region: str) -> str:
    """Origin from which browsers fetch files: the CDN or the bucket; empty when the shop serves them."""
    return f"https://{_host(env, bucket, region)}" if bucket else ""


def uploads_origin(env: Env, *, bucket: str, region: str) -> str:
    """Origin to which the admin's browsers send pictures: the bucket; empty when they send them to the shop."""
    if not bucket:
        return ""
    return env.str("AWS_ENDPOINT_URL_S3", default="") or f"https://{bucket}.s3.{region}.amazonaws.com"


def storages(env: Env, *, bucket: str, region: str, var_dir: Path) -> dict[str, Any]:
    return _on_s3(env, bucket, region) if bucket else _on_disk(var_dir)


def _host(env: Env, bucket: str, region: str) -> str:
    return env.str("AWS_S3_CUSTOM_DOMAIN", default="") or f"{bucket}.s3.{region}.amazonaws.com"


def _on_s3(env: Env, bucket: str, region: str) -> dict[str, Any]:
    place = {"bucket_name": bucket, "region_name": region}
    # Signed URLs name the bucket's region: the global endpoint answers with a redirect first.
    signed = {**place, "signature_version": "s3v4", "addressing_style": "virtual"}
    public = {
        **place,
        "custom_domain": _host(env, bucket, region),
        "querystring_auth": False,
        # Names contain their content's hash: a file never changes.
        "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
    }
    return {
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**public, "location": "media", "file_overwrite": False},
        },
        "staticfiles": {
            "BACKEND": "webmarket.static_files_on_s3.StaticOnS3",
            "OPTIONS": {**public, "location": "static"},
        },
        "documents": {
            "BACKEND": "apps.common.documents_on_s3.DocumentsOnS3",
            "OPTIONS": {
                **signed,
                **_signing(env, bucket, region),
                "location": "documents",
                "file_overwrite": False,
                "object_parameters": {"CacheControl": "private, no-store"},
            },
        },
        # Uploads that are not checked yet; only the shop reads them.
        "uploads": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**signed, "location": "uploads"},
        },
    }


def _signing(env: Env, bucket: str, region: str) -> dict[str, str]:
    """Documents are read by signed URLs only: the CDN's if it has a key of ours, else the bucket's."""
    key_id = env.str("AWS_CLOUDFRONT_KEY_ID", default="")
    if not key_id:
        return {}
    return {
        "custom_domain": _host(env, bucket, region),
        "cloudfront_key_id": key_id,
        "cloudfront_key": env.str("AWS_CLOUDFRONT_KEY", multiline=True),
    }


def _on_disk(var_dir: Path) -> dict[str, Any]:
    return {
        "default": {"BACKEND": "apps.common.files_on_disk.WholeFileSystemStorage"},
        "staticfiles": {"BACKEND": "webmarket.static_files.StaticOnDisk"},
        "documents": {
            "BACKEND": "apps.common.documents.DocumentsOnDisk",
            "OPTIONS": {"location": var_dir / "documents"},
        },
    }
