"""Pin the threads, before anything is imported that reads them; then run the command line."""

import argparse
import os
import sys

from benchmarks.processes import environment


def asked_for(arguments: list[str]) -> int:
    """Read the number of threads; what is wrong with it, the whole parser will say."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--threads", type=int, default=1)
    try:
        threads: int = parser.parse_known_args(arguments)[0].threads
    except argparse.ArgumentError:
        return 1
    return max(1, threads)


if __name__ == "__main__":
    pinned = environment(asked_for(sys.argv[1:]))
    if os.environ != pinned:
        command = [sys.executable, "-m", "benchmarks", *sys.argv[1:]]
        os.execve(sys.executable, command, pinned)  # noqa: S606 (this very program)
    from benchmarks.command import main

    sys.exit(main())
