"""As which roles a call is made."""

from __future__ import annotations

from aws_calls import Call

WEB, WORKERS, MIGRATE, DEPLOY, DEPLOYER, BUILD = (
    *("web", "workers", "migrate"),
    *("github-deploy", "deployer", "github-build"),
)
ROLES = (WEB, WORKERS, MIGRATE, DEPLOY, DEPLOYER, BUILD)
RELEASING = (DEPLOY, DEPLOYER)
SERVING = (WEB, WORKERS)
HOSTS = (*SERVING, MIGRATE)
# By the beginning of the caller's file; the first that fits.
CALLERS = (
    ("deploy/bin/purge_images", (BUILD,)),
    # Who may do everything, for an hour.
    ("deploy/bin/change_secret_key", ("break-glass",)),
    ("deploy/bin/put_secrets", ("break-glass",)),
    ("deploy/bin/manage", ("break-glass",)),
    ("deploy/bin/bootstrap", ("break-glass",)),
    ("deploy/bin/doctor", ("break-glass",)),
    ("deploy/bin/", RELEASING),
    ("deploy/host/drain.py", (WORKERS,)),
    ("deploy/host/database_user.py", (MIGRATE,)),
    # The admin's pages of dead letters and of pictures.
    ("apps/operations/services/dead_letters.py", (WEB,)),
    ("apps/catalogue/services/direct_uploads.py", (WEB,)),
    ("apps/operations/", (WORKERS,)),
    ("", HOSTS),
)
UPLOADING = {"s3.PutObject": (WEB,)}
# By whose password a host logs in to the database.
LOGINS = {"{database_secret}": (MIGRATE,), "/webmarket/{environment}/database-user": SERVING}

# Made by code whose tests on moto do not come there.
UNTESTED = (
    # Tests of attachments and imports keep documents in a folder.
    Call("apps/prospects/services/attachments.py", "s3.DeleteObject", "{files}/documents/…"),
    # Where two workers store the same picture at once.
    Call("apps/catalogue/services/images.py", "s3.DeleteObject", "{files}/media/…"),
    # A worker that is stopped gives back what it has taken.
    Call("kombu", "sqs.ChangeMessageVisibility", "{name}-default"),
    Call("kombu", "sqs.ChangeMessageVisibility", "{name}-operations"),
)


def callers(call: Call) -> tuple[str, ...]:
    """The roles that a call is made as."""
    if call.target in LOGINS:
        return LOGINS[call.target] if call.caller == "deploy/host/settings.py" else (MIGRATE,)
    if call.caller == "kombu":
        return SERVING if call.call == "sqs.SendMessage" else (WORKERS,)
    if call.caller == "storages" and not call.call.startswith(("s3.Get", "s3.Head")):
        # Static files are put there by the instance that migrates. A listing names the bucket alone.
        folder = call.target.partition("/")[2].partition("/")[0]
        return {"static": (MIGRATE,), "uploads": UPLOADING.get(call.call, HOSTS)}.get(folder, HOSTS)
    return next(role for start, role in CALLERS if call.caller.startswith(start))


def is_called(call: Call, settings: set[str]) -> bool:
    """Some calls are made only where a setting asks for them."""
    if "timetable/machines" in call.caller and not call.call.partition(".")[2].startswith("Describe"):
        return "DEV_TIMETABLE" in settings
    return call.call != "rds.CopyDBSnapshot" or "BACKUP_REGION" in settings
