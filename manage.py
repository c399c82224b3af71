#!/usr/bin/env python
import atexit
import gc
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
    # Importing makes 600,000 objects that all stay: walking them again and again took a seventh of each start.
    gc.set_threshold(200_000, 10, 10)
    # They go with the process: looking for garbage among them once more at the end took another 0.4 s. Not where DuckDB
    # was used, which reports what is left of it as a leak.
    atexit.register(lambda: "duckdb" in sys.modules or gc.freeze())
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
