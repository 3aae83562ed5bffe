"""`python -m grader` is `grade`."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the current folder, perhaps full of strangers' files

from grader.cli import main

main()
