"""`python -m fasttok`: the command line."""

import sys

from fasttok.cli import main

if __name__ == "__main__":
    sys.exit(main())
