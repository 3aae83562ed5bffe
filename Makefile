PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: check docs golden browser bubblewrap clean

# Everything that must hold: format, lint, types, layers, documentation, tests.
check: $(VENV)/installed bubblewrap browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) docs
	$(BIN)/python -m pytest -n auto --dist worksteal --durations=40

# The pages are tested in a real browser. Root, as in continuous integration, gets it from Debian; others are told what to do.
browser:
	@if command -v chromedriver >/dev/null && \
		{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null; then exit 0; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver; \
	else echo "The tests of the pages need Chromium and its driver: apt-get install chromium chromium-driver" >&2; exit 1; fi

# Build the documentation into site/; a warning is an error. The two variables silence talk about versions of MkDocs.
docs: $(VENV)/installed
	NO_MKDOCS_2_WARNING=1 DISABLE_MKDOCS_2_WARNING=true $(BIN)/mkdocs build --strict

# Write the golden reports anew, after a change that was meant; then read the difference.
golden: $(VENV)/installed
	$(BIN)/python -m pytest -q --renew tests/test_cli.py tests/test_readme.py tests/test_tutorial.py

# The tests of the strictest isolation level need it; where nobody may install it, they say so.
bubblewrap:
	@command -v bwrap > /dev/null || \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			apt-get update -qq && apt-get install -y -qq bubblewrap > /dev/null; \
		else \
			echo "Install the package bubblewrap: tests of the isolation level full+ fail without it." >&2; \
		fi

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -c constraints.txt -e '.[dev,docs]'
	touch $@

clean:
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
