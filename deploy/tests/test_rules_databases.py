"""What RDS refuses."""

from environment_plan import ACCOUNT, REGION
from rules import databases

from .planned import problems_of, world


def test_a_managed_password_has_no_copies():
    own = {"identifier": "shop", "manage_master_user_password": True}
    check = databases.managed_passwords_have_no_copies
    assert problems_of(check, world(("aws_db_instance.this", own))) == []
    assert (
        len(problems_of(check, world(("aws_db_instance.this", {**own, "blue_green_update": [{"enabled": True}]})))) == 1
    )
    here = {"aws_db_instance.replica": {"replicate_source_db": "aws_db_instance.this.identifier"}}
    pair = (("aws_db_instance.this", own), ("aws_db_instance.replica", {"identifier": "copy"}))
    assert len(problems_of(check, world(*pair, references=here))) == 1
    away = {"identifier": "copy", "replicate_source_db": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"}
    assert len(problems_of(check, world(("aws_db_instance.this", own), ("aws_db_instance.away", away)))) == 1
