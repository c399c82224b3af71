"""`make proofs`: real workers over moto's SQS and a real MySQL, killed, with wrong clocks, cut off. Ten minutes.

KILLS=50: how often a worker is killed while order e-mails are sent; SECONDS=210: how long a job is due each second.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from environment import BIN, ROOT, make_environment, say
from test import LOCK, server

PROOFS = ["pytest", "-m", "proof", "webmarket/tests/proofs", "--capture=no", "--show-capture=no"]


def main() -> int:
    make_environment(LOCK, mysql_required=True)
    with server(needed=True) as mysql:
        if lack := mysql.lack():
            say(f"not run: {lack}")
            return 1
        url = re.sub(r"/\w+$", "/webmarket_proofs", mysql.url)
        variables = {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "WARNING"}
        return subprocess.run([BIN / PROOFS[0], *PROOFS[1:]], cwd=ROOT, env=variables).returncode


if __name__ == "__main__":
    sys.exit(main())
