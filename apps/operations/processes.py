import os


def is_alive(pid: int) -> bool:
    """On this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
