"""What deploy/bin calls, and so what the role that releases must be allowed: each call, its resource and its context.

deploy/tests refuses a call of the release scripts that is not listed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from environment_plan import ACCOUNT, REGION

from rules.policies import allowed, documents_of
from rules.world import Rule, World, statements

ANY = "*"
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
TEMPLATE = f"{EC2}:launch-template/lt-0123456789abcdef0"
INSTANCE = f"{EC2}:instance/i-0123456789abcdef0"
# `{0}` is the environment, such as staging.
GROUP = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:0:autoScalingGroupName/webmarket-{{0}}-web"
PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/webmarket"
MIGRATING = {"aws:ResourceTag/Role": "migrate"}

Call = tuple[str, str, Mapping[str, str]]
CALLS: dict[str, tuple[Call, ...]] = {
    "autoscaling.DescribeAutoScalingGroups": (("autoscaling:DescribeAutoScalingGroups", ANY, {}),),
    "autoscaling.DescribeInstanceRefreshes": (("autoscaling:DescribeInstanceRefreshes", ANY, {}),),
    "autoscaling.RollbackInstanceRefresh": (("autoscaling:RollbackInstanceRefresh", GROUP, {}),),
    "autoscaling.StartInstanceRefresh": (
        ("autoscaling:StartInstanceRefresh", GROUP, {}),
        # What the new configuration describes must be allowed to whoever asks for it.
        ("ec2:RunInstances", INSTANCE, {"ec2:LaunchTemplate": TEMPLATE}),
        ("cloudwatch:DescribeAlarms", ANY, {}),
    ),
    "autoscaling.UpdateAutoScalingGroup": (("autoscaling:UpdateAutoScalingGroup", GROUP, {}),),
    "cloudfront.CreateInvalidation": (
        (
            "cloudfront:CreateInvalidation",
            f"arn:aws:cloudfront::{ACCOUNT}:distribution/E0",
            {"aws:ResourceTag/Environment": "{0}"},
        ),
    ),
    "ec2.CreateLaunchTemplateVersion": (("ec2:CreateLaunchTemplateVersion", TEMPLATE, {}),),
    "ec2.DescribeLaunchTemplateVersions": (("ec2:DescribeLaunchTemplateVersions", ANY, {}),),
    "ec2.RunInstances": (
        *(
            ("ec2:RunInstances", resource, {"ec2:LaunchTemplate": TEMPLATE})
            for resource in (
                INSTANCE,
                f"{EC2}:subnet/subnet-1",
                f"{EC2}:security-group/sg-1",
                f"{EC2}:volume/vol-1",
                f"{EC2}:network-interface/eni-1",
                f"arn:aws:ec2:{REGION}::image/ami-1",
            )
        ),
        ("ec2:CreateTags", INSTANCE, {"ec2:CreateAction": "RunInstances"}),
        (
            "iam:PassRole",
            f"arn:aws:iam::{ACCOUNT}:role/webmarket-{{0}}-workers",
            {"iam:PassedToService": "ec2.amazonaws.com"},
        ),
    ),
    "ec2.TerminateInstances": (("ec2:TerminateInstances", INSTANCE, MIGRATING),),
    "rds.CreateDBSnapshot": (
        ("rds:CreateDBSnapshot", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:webmarket-{{0}}", {}),
        ("rds:CreateDBSnapshot", f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:webmarket-{{0}}-before-v2-1", {}),
        ("rds:AddTagsToResource", f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:webmarket-{{0}}-before-v2-1", {}),
    ),
    "rds.DescribeDBSnapshots": (("rds:DescribeDBSnapshots", ANY, {}),),
    "ssm.DescribeInstanceInformation": (("ssm:DescribeInstanceInformation", ANY, {}),),
    "ssm.GetCommandInvocation": (("ssm:GetCommandInvocation", ANY, {}),),
    "ssm.GetParameter": (
        ("ssm:GetParameter", f"{PARAMETER}/images/v2", {}),
        ("ssm:GetParameter", f"{PARAMETER}/{{0}}/release", {}),
    ),
    "ssm.PutParameter": (
        ("ssm:PutParameter", f"{PARAMETER}/{{0}}/image-id", {}),
        ("ssm:PutParameter", f"{PARAMETER}/{{0}}/release", {}),
    ),
    "ssm.SendCommand": (
        ("ssm:SendCommand", INSTANCE, MIGRATING),
        ("ssm:SendCommand", f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript", {}),
    ),
}


def a_release_may_do_what_it_does(world: World) -> Iterator[str]:
    wanted = (f"webmarket-{world.name}-github-deploy", f"webmarket-{world.name}-deployer")
    roles = [one for one in world.of("aws_iam_role") if one["name"] in wanted]
    ceilings = [statements(one["policy"]) for one in world.of("aws_iam_policy") if ".boundary" in f".{one.block}"]
    for role in roles:
        documents = documents_of(world, role.address)
        for call, needed in CALLS.items():
            for action, resource, context in needed:
                asked = (action, resource.format(world.name))
                here = {name: value.format(world.name) for name, value in context.items()}
                if any(documents) and not allowed(documents, *asked, here):
                    yield f"{role['name']} may not {' '.join(asked)}, which {call} needs"
                # The ceiling stands over the pipeline's role alone.
                if "github" in role["name"] and not all(allowed([one], *asked, here) for one in ceilings):
                    yield f"the ceiling of {role['name']} shuts {action} out, which {call} needs"


RULES = (
    Rule(
        "a release may do what it does",
        "StartInstanceRefresh with a desired configuration asks for ec2:RunInstances and iam:PassRole of its caller.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html",
        a_release_may_do_what_it_does,
    ),
)
