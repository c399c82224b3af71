"""Print this host's software bill of materials (CycloneDX 1.6): Debian's packages and the shop's Python packages.

https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import quote

RELEASE = Path("/opt/webmarket/current/release.env")
FIELDS = "${Package}\t${Version}\t${Architecture}\t${db:Status-Status}\n"


def debian() -> Iterator[dict[str, str]]:
    listed = subprocess.run(["/usr/bin/dpkg-query", "-W", f"-f={FIELDS}"], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        name, version, architecture, status = line.split("\t")
        if status == "installed":
            yield component(name, version, f"pkg:deb/debian/{name}@{quote(version)}?arch={architecture}&distro=trixie")


def python() -> Iterator[dict[str, str]]:
    for found in sorted(distributions(), key=lambda distribution: distribution.name.lower()):
        yield component(found.name, found.version, f"pkg:pypi/{found.name.lower().replace('_', '-')}@{found.version}")


def component(name: str, version: str, purl: str) -> dict[str, str]:
    return {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}


def main() -> None:
    release = RELEASE.read_text().strip().partition("=")[2] if RELEASE.exists() else os.environ.get("RELEASE", "")
    listing = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "webmarket", "version": release}},
        "components": [*debian(), *python()],
    }
    json.dump(listing, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
