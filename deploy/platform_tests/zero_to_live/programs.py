"""Programs of an operator's machine that reach what is not here: programs.py NAME ARGUMENT …

terraform   the real one, with states in a file: moto reads the policy of the states' bucket without its conditions,
            so that a bucket which asks for TLS refuses everything
packer      makes an image of nothing in moto
git         the tag v1.0.0 is the commit that is checked out
aws         makes the call by boto3
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TAG = "v1.0.0^{commit}"


def terraform(arguments: list[str]) -> int:
    own = [one for one in arguments if not one.startswith("-backend-config")]
    if own[0] == "apply":
        own += ["-parallelism=20"]
    return subprocess.run([real("terraform"), *own, "-no-color"]).returncode


def packer(arguments: list[str]) -> int:
    if arguments[0] == "version":
        print("Packer v1.11.2")
    if arguments[0] != "build":
        return 0
    import boto3

    image = boto3.client("ec2").register_image(Name="webmarket", RootDeviceName="/dev/xvda")["ImageId"]
    manifest = {"builds": [{"artifact_id": f"{os.environ['AWS_REGION']}:{image}"}]}
    (ROOT / "var" / "build" / "manifest.json").write_text(json.dumps(manifest))
    return 0


def git(arguments: list[str]) -> int:
    return subprocess.run([real("git"), *("HEAD" if one == TAG else one for one in arguments)]).returncode


def aws(arguments: list[str]) -> int:
    """aws SERVICE OPERATION --name value … --query Path --output text."""
    import boto3
    import jmespath

    client, operation, options = boto3.client(arguments[0]), arguments[1].replace("-", "_"), arguments[2:]
    members = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping[operation]
    ).input_shape.members
    names = {hyphened(name): name for name in members}
    given, query = {}, ""
    while options:
        name, *options = options
        values = []
        while options and not options[0].startswith("--"):
            values.append(options.pop(0))
        match name.removeprefix("--"):
            case "query":
                query = values[0]
            case "output":
                pass
            case option:
                kind = members[names[option]].type_name
                given[names[option]] = {"boolean": True, "list": values}.get(kind, " ".join(values))
    answer = getattr(client, operation)(**given)
    answer.pop("ResponseMetadata", None)
    print(jmespath.search(query, answer) if query else json.dumps(answer, default=str))
    return 0


def hyphened(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def real(name: str) -> str:
    path = os.pathsep.join(os.environ["PATH"].split(os.pathsep)[1:])
    return str(shutil.which(name, path=path))


if __name__ == "__main__":
    sys.exit({"terraform": terraform, "packer": packer, "git": git, "aws": aws}[sys.argv[1]](sys.argv[2:]))
