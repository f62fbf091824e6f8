"""Freed arrays stay with the process, for the next step needs as many again."""

import numpy as np

LARGEST = (32 << 20) - (1 << 16)  # bytes: glibc learns from no larger one


def keep_freed_memory() -> None:
    """Let the C library keep what is freed, where that is glibc.

    It hands large arrays back to the system at once, which then has to clear them for the next
    step, page by page: a third of the time of a step with arrays of a few megabytes.  After it
    has freed an array of nearly 32 MiB, it keeps those that are smaller.  This one is never
    touched, so it takes no memory.
    """
    np.empty(LARGEST, np.uint8)
