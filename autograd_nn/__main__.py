"""Run the command line: ``python -m autograd_nn``."""

import sys

from autograd_nn.cli import main

if __name__ == "__main__":
    sys.exit(main())
