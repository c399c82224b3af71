"""Backups are restored, checked and deleted only where a key of ours has signed them."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup import signing
from apps.operations.services.backup.manager import back_up
from apps.operations.services.backup.manifest import Manifest, NotSigned, Table, WronglySigned
from apps.operations.services.backup.store import Bucket, Folder, backups
from apps.operations.services.cleanup import cleanup
from apps.operations.tests.restore.restored import State, manage

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


def manifest(at: datetime = NOW) -> Manifest:
    return Manifest(manifests.new_prefix(at), "mysql", "9.7", at.isoformat(), "v1", [], [Table("a", "", [], [])])


def configure(settings, **changes) -> None:
    settings.OPERATIONS = {**settings.OPERATIONS, **changes}


def write_key(path, *, curve=None, public: bool = False):
    private = ec.generate_private_key(curve or ec.SECP256R1())
    pem = serialization.Encoding.PEM
    path.write_bytes(
        private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
        if public
        else private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def public_half(path: Path) -> bytes:
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.fixture
def store(settings, tmp_path) -> Folder:
    configure(settings, backup_folder=tmp_path / "backups", backup_bucket="", database_instance="", restore_url="")
    return Folder(tmp_path / "backups")


@pytest.fixture
def written(store) -> Manifest:
    found = manifest()
    manifests.write(store, found)
    return found


def test_what_we_signed_is_read(store, written):
    assert manifests.read(store, written.prefix) == written


def test_one_without_a_signature_is_refused_unless_somebody_answers_for_it(store, written):
    store.delete([f"{written.prefix}manifest.sig"])
    with pytest.raises(NotSigned, match="--unsigned"):
        manifests.read(store, written.prefix)
    assert manifests.read(store, written.prefix, unsigned=True) == written


def forged_sql(store, prefix):
    """By somebody who may write there, and knows how checksums are made."""
    content = store.get(f"{prefix}manifest.json").replace(b'"definition": ""', b'"definition": "DROP DATABASE shop"')
    store.put(f"{prefix}manifest.json", content)
    store.put(f"{prefix}manifest.sha256", hashlib.sha256(content).hexdigest().encode())


def of_another_backup(store, prefix):
    other = manifest(NOW - timedelta(days=1))
    manifests.write(store, other)
    store.put(f"{prefix}manifest.sig", store.get(f"{other.prefix}manifest.sig"))


def of_another_file(store, prefix):
    content = store.get(f"{prefix}manifest.json")
    store.put(f"{prefix}manifest.sig", signing.sign(f"{prefix}restored.json", content))


def by_another_key(store, prefix):
    private = ec.generate_private_key(ec.SECP256R1())
    content = store.get(f"{prefix}manifest.json")
    signed = private.sign(signing._message(f"{prefix}manifest.json", content), signing.SCHEME)
    key = signing.fingerprint(private.public_key())
    store.put(
        f"{prefix}manifest.sig",
        json.dumps({"key": key, "signature": signing.base64.b64encode(signed).decode()}).encode(),
    )


def by_another_key_under_our_name(store, prefix):
    ours = json.loads(store.get(f"{prefix}manifest.sig"))["key"]
    by_another_key(store, prefix)
    forged = json.loads(store.get(f"{prefix}manifest.sig")) | {"key": ours}
    store.put(f"{prefix}manifest.sig", json.dumps(forged).encode())


def with_its_own_public_key(store, prefix):
    by_another_key(store, prefix)
    forged = json.loads(store.get(f"{prefix}manifest.sig")) | {"public_key": "-----BEGIN PUBLIC KEY-----"}
    store.put(f"{prefix}manifest.sig", json.dumps(forged).encode())


def junk(store, prefix):
    store.put(f"{prefix}manifest.sig", b"\xff[]")


def no_object(store, prefix):
    store.put(f"{prefix}manifest.sig", b"[1]")


def empty(store, prefix):
    store.put(f"{prefix}manifest.sig", b"")


@pytest.mark.parametrize(
    "forge",
    [
        forged_sql,
        of_another_backup,
        of_another_file,
        by_another_key,
        by_another_key_under_our_name,
        with_its_own_public_key,
        junk,
        no_object,
        empty,
    ],
)
def test_a_wrong_signature_is_refused_whoever_answers_for_it(store, written, forge):
    forge(store, written.prefix)
    for unsigned in (False, True):
        with pytest.raises(WronglySigned):
            manifests.read(store, written.prefix, unsigned=unsigned)


def test_a_verification_is_believed_only_with_its_signature(store, written):
    manifests.write_mark(
        store, written.prefix, manifests.RESTORED, {"backup": written.prefix, "restored_at": NOW.isoformat()}
    )
    assert manifests.verified_at(store, written.prefix) == NOW
    store.put(
        f"{written.prefix}restored.json",
        json.dumps({"backup": written.prefix, "restored_at": "2030-01-01T00:00:00+00:00"}).encode(),
    )
    assert manifests.verified_at(store, written.prefix, unsigned=True) is None
    store.delete([f"{written.prefix}restored.sig"])
    assert manifests.verified_at(store, written.prefix) is None
    assert manifests.verified_at(store, written.prefix, unsigned=True)


def test_a_former_key_counts_where_it_is_named_also_by_its_public_half(store, written, settings, tmp_path):
    former = settings.OPERATIONS["backup_signing_key"]
    configure(settings, backup_signing_key=str(write_key(tmp_path / "new.pem")))
    with pytest.raises(WronglySigned, match="BACKUP_TRUSTED_KEYS"):
        manifests.read(store, written.prefix)
    public = tmp_path / "former.pub"
    public.write_bytes(public_half(Path(former)))
    configure(settings, backup_trusted_keys=[str(public)])
    assert manifests.read(store, written.prefix) == written


def test_openssl_makes_a_key(store, settings, tmp_path):
    path = tmp_path / "made.pem"
    subprocess.run([*signing.NEW_KEY.split(), path], check=True, capture_output=True)  # noqa: S603
    configure(settings, backup_signing_key=str(path))
    manifests.write(store, manifest())
    assert manifests.read(store, manifest().prefix)


def test_a_machine_with_its_own_folder_makes_its_key_once(store, settings, tmp_path):
    path = tmp_path / "var" / "backup-signing.pem"
    configure(settings, backup_signing_key="", backup_signing_file=path)
    manifests.write(store, manifest())
    first = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    manifests.write(store, manifest(NOW + timedelta(days=1)))
    assert path.read_bytes() == first
    assert manifests.read(store, manifest().prefix)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path, "ne se lit pas"),
        (lambda path: path.write_text("no key") and path, "P-256"),
        (lambda path: write_key(path, curve=ec.SECP384R1()), "P-256"),
        (lambda path: write_key(path, curve=ec.SECP384R1(), public=True), "P-256"),
        (lambda path: write_key(path, public=True), "clé publique"),
        (lambda path: "arn:aws:kms:eu-west-3:123456789012:alias/shop", "sans alias"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_in_a_sentence(store, settings, tmp_path, make, says):
    configure(settings, backup_signing_key=str(make(tmp_path / "key.pem")))
    with pytest.raises(OperationFailed, match=says):
        signing.check_own_key()


@pytest.mark.django_db
def test_a_backup_with_an_unusable_key_ends_before_it_begins(store, settings, tmp_path):
    configure(settings, backup_signing_key=str(tmp_path / "lost.pem"))
    run = manage("backup_manager", "--logical")
    assert (run.state, run.result["code"]) == (State.FAILED, "bad_signing_key")
    assert list(store.listed("")) == []


@pytest.mark.django_db(transaction=True)
def test_each_command_refuses_a_backup_that_is_not_signed_and_takes_it_when_told(store, tmp_path):
    assert manage("backup_manager", "--logical").state == State.SUCCEEDED
    (prefix,) = manifests.finished(store)
    store.delete([f"{prefix}manifest.sig"])
    into = ("--into", f"sqlite:///{tmp_path / 'restored.sqlite3'}", "--dry-run")
    for command in (("restore", *into), ("restore_check", "--dry-run")):
        run = manage(*command)
        assert (run.state, run.result["code"]) == (State.FAILED, "backup_not_signed"), run.message
    options = {"days": 1, "weeks": 0, "months": 0, "max_delete": 20, "yes": False, "dry_run": False, "now": NOW}
    assert prefix in cleanup(**options, unsigned=False, report=Reporter()).data["left"]
    assert prefix not in cleanup(**options, unsigned=True, report=Reporter()).data["left"]
    assert manage("restore_check", "--dry-run", "--unsigned").state == State.SUCCEEDED


def test_a_page_does_not_offer_to_take_what_is_not_signed(admin_client):
    for name in ("restore", "restore_check", "cleanup"):
        assert (
            'name="unsigned"' not in admin_client.get(f"/admin/operations/operationrun/start/{name}/").content.decode()
        )


@pytest.fixture
def kms_key(aws, settings) -> str:
    bucket = "webmarket-test-backups"
    aws("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    key = aws("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    configure(settings, backup_bucket=bucket, backup_signing_key=key, database_instance="")
    return key


def test_kms_signs_what_is_in_a_bucket(kms_key, aws, settings, tmp_path):
    store = backups()
    assert isinstance(store, Bucket)
    found = manifest()
    manifests.write(store, found)
    assert manifests.read(store, found.prefix) == found
    # Elsewhere, when the region is lost: by the public key alone.
    public = serialization.load_der_public_key(aws("kms").get_public_key(KeyId=kms_key)["PublicKey"])
    path = tmp_path / "public.pem"
    path.write_bytes(public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    configure(settings, backup_signing_key="", backup_trusted_keys=[str(path)])
    assert manifests.read(store, found.prefix) == found


@pytest.mark.django_db(transaction=True)
def test_a_bucket_without_a_key_says_that_the_backup_is_not_signed(aws, settings, tmp_path):
    bucket = "webmarket-test-plain"
    aws("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    configure(settings, backup_bucket=bucket, backup_signing_key="", backup_signing_file=tmp_path / "none.pem")
    report = Reporter()
    outcome = back_up(logical=True, media=False, copy_to="", dry_run=False, report=report, now=NOW)
    assert outcome.data["backup"]["is_signed"] is False
    assert any("BACKUP_SIGNING_KEY" in line for line in report.lines)
    assert not (tmp_path / "none.pem").exists()
