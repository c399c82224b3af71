"""Debian's mirror, and installation of packages with apt's lock."""

from __future__ import annotations

import os
import subprocess
import time

from environment import Unusable, say

LOCK_SECONDS = 300
# apt-get's errors when another process has locked its lists, its cache or dpkg.
LOCKED = ("Could not get lock", "Unable to lock directory", "Unable to acquire the dpkg frontend lock")


def mirror() -> str:
    """The Debian mirror that this machine's own apt uses. Raises Unusable where its sources name none."""
    filters = ("Created-By: Packages", "Origin: Debian", "Label: Debian")
    listing = ["apt-get", "indextargets", "--format", "$(REPO_URI)", *filters]
    named = subprocess.run(listing, capture_output=True, text=True).stdout.split()
    found = next((uri for uri in named if uri.startswith("http")), None)
    if found is None:
        raise Unusable("apt knows no Debian mirror here: name one in /etc/apt/sources.list, then run `apt-get update`.")
    return found


def install(packages: list[str], *, patience: float = LOCK_SECONDS) -> None:
    """Install Debian's packages, waiting while another process holds apt. Raises Unusable with apt's last words."""
    options = ("-qq", "-o", f"DPkg::Lock::Timeout={int(patience)}")
    for command in (("update",), ("install", "-y", "--no-install-recommends", *packages)):
        _apt_get([*options, *command], limit=time.monotonic() + patience)


def _apt_get(arguments: list[str], *, limit: float) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    waiting = False
    while True:
        done = subprocess.run(
            ["apt-get", *arguments], env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if not done.returncode:
            return
        if not any(words in done.stdout for words in LOCKED) or time.monotonic() > limit:
            raise Unusable(f"apt-get {arguments[3]} failed:\n" + "\n".join(done.stdout.splitlines()[-10:]))
        if not waiting:
            say("Another process holds apt; waiting for it …")
            waiting = True
        time.sleep(2)
