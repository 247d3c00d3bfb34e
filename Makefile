# Everything a fresh machine needs is python3 (3.11 or newer, with venv) and make.
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make pins"
export UV_NO_CONFIG := 1

.PHONY: venv run test check bench soak fuzz pins clean

venv: .venv/ready

# uv comes from its own pinned file; it then makes .venv equal to requirements-dev.txt.
.venv/ready: requirements-dev.txt requirements-uv.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync --quiet --require-hashes --no-build-isolation requirements-dev.txt
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

run: venv
	$(BIN)/gateway demo

# What must hold before anything is committed: style, types, room rules, then all tests.
test: check
	$(BIN)/pytest -n auto --dist worksteal

check: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: venv
	$(BIN)/python -m tests.bench

soak: venv
	$(BIN)/pytest -m soak -s

# Made-up bytes for the reader, for a minute or FUZZ_SECONDS, over the kept corpus; needs a Python that atheris has wheels for.
fuzz: venv
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --require-hashes -r requirements-fuzz.txt
	mkdir -p tests/fuzz/found
	$(BIN)/python tests/fuzz/read_mail.py tests/fuzz/found tests/fuzz/corpus -max_len=4096 -timeout=5 \
	  -max_total_time=$(or $(FUZZ_SECONDS),60) -artifact_prefix=tests/fuzz/

# Writes the requirements files anew; run it after a change of the dependencies in pyproject.toml.
pins: venv
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --group test --group lint --group build -o requirements-dev.txt
	printf 'hatchling\n' | $(COMPILE) - -c requirements-dev.txt -o requirements-build.txt
	$(COMPILE) pyproject.toml --group browser -c requirements-dev.txt -o requirements-browser.txt
	$(COMPILE) pyproject.toml --group fuzz -c requirements-dev.txt -o requirements-fuzz.txt
	printf 'uv==%s\n' "$$($(BIN)/uv --version | cut -d' ' -f2)" | $(COMPILE) - -o requirements-uv.txt

clean:
	rm -rf .venv
