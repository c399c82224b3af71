"""How many examples property-based tests try: few in each run, which differ from run to run, and many when asked.

EXAMPLES=20 pytest apps/catalogue/tests/test_prices.py      twenty times as many
"""

import os

FACTOR = float(os.environ.get("EXAMPLES", "1"))


def examples(usual: int) -> int:
    """The number for this run; `usual` without EXAMPLES."""
    return max(1, round(usual * FACTOR))
