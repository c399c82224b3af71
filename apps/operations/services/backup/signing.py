"""Signatures of backups: ECDSA on P-256 with SHA-256, by a KMS key or by a key file.

A manifest holds SQL, and checksums beside it prove nothing: whoever may write to the store could have `restore` run
theirs. Only keys that settings name count. A public key verifies alone: kept elsewhere, it verifies a lost region's
backups. https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
"""

import base64
import hashlib
import json
import os
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils.translation import gettext as _

from apps.operations.aws.clients import client
from apps.operations.errors import OperationFailed

ALGORITHM = "ECDSA_SHA_256"
SCHEME = ec.ECDSA(hashes.SHA256())
# A key's own ARN: an alias may lead to another key tomorrow.
KMS_KEY = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key/[A-Za-z0-9-]+")
NEW_KEY = "openssl ecparam -name prime256v1 -genkey -noout -out"


class BadKey(OperationFailed):
    code = "bad_signing_key"


class Key(Protocol):
    public: ec.EllipticCurvePublicKey

    def sign(self, message: bytes) -> bytes: ...


class KmsKey:
    def __init__(self, arn: str) -> None:
        self.arn = arn
        self.public = _kms_public_key(arn)

    def sign(self, message: bytes) -> bytes:
        # Short enough to be sent whole (4096 bytes): KMS hashes it.
        answer = _kms(self.arn).sign(KeyId=self.arn, Message=message, MessageType="RAW", SigningAlgorithm=ALGORITHM)
        return bytes(answer["Signature"])


class FileKey:
    """Of a PEM file: a private key signs, a public one only verifies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        found = _read_key(path, _modified(path))
        self._private = found if isinstance(found, ec.EllipticCurvePrivateKey) else None
        self.public = self._private.public_key() if self._private else found

    def sign(self, message: bytes) -> bytes:
        if self._private is None:
            raise BadKey(
                _("%(path)s est une clé publique : elle vérifie les sauvegardes et n’en signe pas.")
                % {"path": self.path}
            )
        return self._private.sign(message, SCHEME)


def own_key() -> Key | None:
    """The key that signs; None where backups go to a bucket and no key is named. On a machine with its own folder of
    backups a key is created at the first call. Raises BadKey."""
    named = settings.OPERATIONS["backup_signing_key"]
    if named:
        return _key(named)
    if settings.OPERATIONS["backup_bucket"]:
        return None
    path: Path = settings.OPERATIONS["backup_signing_file"]
    if not path.exists():
        _create(path)
    return FileKey(path)


def check_own_key() -> bool:
    """Whether backups are signed here; raises before hours of work what would be raised after them."""
    key = own_key()
    if key is not None:
        key.sign(_message("check", b""))
    return key is not None


def sign(name: str, content: bytes) -> bytes | None:
    """A signature of the content under its name in the store, as a file; None where there is no key."""
    key = own_key()
    if key is None:
        return None
    signed = base64.b64encode(key.sign(_message(name, content))).decode()
    return json.dumps({"key": fingerprint(key.public), "algorithm": ALGORITHM, "signature": signed}).encode()


def refusal(name: str, content: bytes, signature: bytes) -> str:
    """Why a signature does not count, in the middle of a sentence; empty where it does."""
    try:
        read: dict[str, Any] = json.loads(signature)
        fingerprinted, signed = str(read["key"]), base64.b64decode(read["signature"], validate=True)
    except (ValueError, TypeError, KeyError):
        return _("sa signature n’est pas lisible")
    key = _trusted().get(fingerprinted)
    if key is None:
        return _("elle est signée par une clé inconnue ici (%(key)s)") % {"key": fingerprinted[:16]}
    try:
        key.verify(signed, _message(name, content), SCHEME)
    except InvalidSignature:
        return _("sa signature n’est pas celle de son contenu")
    return ""


def fingerprint(public: ec.EllipticCurvePublicKey) -> str:
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def _message(name: str, content: bytes) -> bytes:
    """With its name: one backup's signature is none of another's."""
    return f"webmarket backup\n{name}\n{hashlib.sha256(content).hexdigest()}\n".encode()


def _trusted() -> dict[str, ec.EllipticCurvePublicKey]:
    """Public keys by fingerprint: our own, and those that BACKUP_TRUSTED_KEYS names."""
    keys = [_key(named) for named in settings.OPERATIONS["backup_trusted_keys"]]
    if settings.OPERATIONS["backup_signing_key"] or settings.OPERATIONS["backup_signing_file"].exists():
        own = own_key()
        keys += [own] if own else []
    return {fingerprint(key.public): key.public for key in keys}


def _key(named: str) -> Key:
    if named.startswith("arn:"):
        if not KMS_KEY.fullmatch(named):
            raise BadKey(
                _(
                    "« %(key)s » ne nomme pas une clé KMS : écrivez son ARN, arn:aws:kms:région:compte:key/…, sans "
                    "alias."
                )
                % {"key": named}
            )
        return KmsKey(named)
    return FileKey(Path(named))


def _kms(arn: str) -> Any:
    named = KMS_KEY.fullmatch(arn)
    return client("kms", named[1] if named else None)


@lru_cache(maxsize=16)
def _kms_public_key(arn: str) -> ec.EllipticCurvePublicKey:
    """Asked once by a process: a KMS key's material never changes."""
    found = serialization.load_der_public_key(_kms(arn).get_public_key(KeyId=arn)["PublicKey"])
    return _on_p256(found, arn)


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise BadKey(
            _("La clé %(path)s ne se lit pas (%(reason)s) : remettez-la, ou créez-en une avec « %(command)s ».")
            % {"path": path, "reason": error.strerror, "command": f"{NEW_KEY} {path}"}
        ) from error


@lru_cache(maxsize=16)
def _read_key(path: Path, _modified_ns: int) -> Any:
    unusable = BadKey(
        _("%(path)s n’est pas une clé P-256 en PEM, sans mot de passe : créez-en une avec « %(command)s ».")
        % {"path": path, "command": f"{NEW_KEY} {path}"}
    )
    try:
        content = path.read_bytes()
        if b"PUBLIC KEY" in content:
            return _on_p256(serialization.load_pem_public_key(content), str(path))
        found = serialization.load_pem_private_key(content, password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise unusable from error
    if not isinstance(found, ec.EllipticCurvePrivateKey) or not isinstance(found.curve, ec.SECP256R1):
        raise unusable
    return found


def _on_p256(found: Any, name: str) -> ec.EllipticCurvePublicKey:
    if isinstance(found, ec.EllipticCurvePublicKey) and isinstance(found.curve, ec.SECP256R1):
        return found
    raise BadKey(
        _("%(key)s n’est pas une clé P-256 (ECC_NIST_P256, SIGN_VERIFY) : elle ne signe pas de sauvegardes.")
        % {"key": name}
    )


def _create(path: Path) -> None:
    """Readable by its owner alone; of two processes at once the first one's key counts."""
    private = ec.generate_private_key(ec.SECP256R1())
    content = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
