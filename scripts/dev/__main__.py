"""`python -m scripts.dev COMMAND`; the Makefile's targets are the commands."""

# Only syntax that an old Python still reads, so that it can say what is missing.
import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    sys.stderr.write(
        "This is Python %d.%d; the project needs Python %d.%d or newer: install it, or name it "
        "with `make PYTHON=/path/to/python3.11 ...`.\n" % (sys.version_info[:2] + OLDEST)
    )
    sys.exit(1)

from scripts.dev import cli  # noqa: E402

sys.exit(cli.main(sys.argv[1:]))
