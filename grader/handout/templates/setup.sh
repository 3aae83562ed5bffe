#!/bin/sh
# Gradescope runs this once, as root, when it builds the image: installs the program, and draws the answer key.
set -eu
here="$$(cd "$$(dirname "$$0")" && pwd)"
if command -v apt-get > /dev/null; then
    apt-get update -qq
    apt-get install -y -qq python3 python3-venv libseccomp2 > /dev/null
fi
python3 -m venv "$$here/venv"
"$$here/venv/bin/pip" install --quiet -r "$$here/requirements.txt"
chmod 700 "$$here"
XDG_CACHE_HOME="$$here/cache" "$$here/venv/bin/python" -m grader.handout.autograder --prepare "$$here"
