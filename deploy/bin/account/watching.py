"""Who looks on: CloudTrail, GuardDuty, Access Analyzer."""

from __future__ import annotations

from collections.abc import Iterator

from release import Step, client

from account.buckets import make_bucket, missing_of_bucket
from account.facts import TRAIL, Account

ANALYZER = "webmarket-account"
OLD_TRAIL_DAYS = 400


def missing_trail(account: Account) -> Iterator[str]:
    yield from missing_of_bucket(account, account.trails)
    cloudtrail = client("cloudtrail")
    found = cloudtrail.describe_trails(trailNameList=[TRAIL])["trailList"]
    whole = [one for one in found if one["IsMultiRegionTrail"] and one["LogFileValidationEnabled"]]
    if not whole:
        yield "a trail of every region, whose files can be verified"
    elif not cloudtrail.get_trail_status(Name=TRAIL)["IsLogging"]:
        yield "the trail is there, and stopped"


def make_trail(step: Step, account: Account) -> None:
    make_bucket(step, account, account.trails, OLD_TRAIL_DAYS, expire=True)
    cloudtrail = client("cloudtrail")
    given = {
        "Name": TRAIL,
        "S3BucketName": account.trails,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": True,
    }
    there = cloudtrail.describe_trails(trailNameList=[TRAIL])["trailList"]
    step.act("record every call", cloudtrail.update_trail if there else cloudtrail.create_trail, **given)
    step.act("begin to record", cloudtrail.start_logging, Name=TRAIL)


def missing_watch(account: Account) -> Iterator[str]:
    guardduty = client("guardduty")
    detectors = guardduty.list_detectors()["DetectorIds"]
    if not any(guardduty.get_detector(DetectorId=one)["Status"] == "ENABLED" for one in detectors):
        yield "GuardDuty"
    analyzers = client("accessanalyzer").list_analyzers(type="ACCOUNT")["analyzers"]
    if not any(one["status"] in ("ACTIVE", "CREATING") for one in analyzers):
        yield "Access Analyzer"


def make_watch(step: Step, account: Account) -> None:
    missing = set(missing_watch(account))
    guardduty = client("guardduty")
    detectors = guardduty.list_detectors()["DetectorIds"]
    if "GuardDuty" in missing and detectors:
        step.act("let GuardDuty look again", guardduty.update_detector, DetectorId=detectors[0], Enable=True)
    elif "GuardDuty" in missing:
        step.act("let GuardDuty look", guardduty.create_detector, Enable=True)
    if "Access Analyzer" in missing:
        given = {"analyzerName": ANALYZER, "type": "ACCOUNT"}
        step.act("let Access Analyzer look", client("accessanalyzer").create_analyzer, **given)
