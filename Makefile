# Two commands do all the set-up:  make chat  and  make test
#
# Where the registry's torch brings gigabytes of CUDA, take a CPU build from another index:
#     make chat TORCH_INDEX=<address of PyTorch's CPU wheel index>

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: chat test check eval clean help bench-start bench-search bench-answers bench-support bench-latency bench-index bench-scale bench-again bench-chat bench-first screenshots

help:
	@echo "make chat    set up, index the sample articles, open the chat"
	@echo "make test    set up, run the tests"
	@echo "make check   format, lint, types, import contracts"
	@echo "make eval    score the built-in answerer on the sample questions"
	@echo "make bench-start, bench-search, bench-answers, bench-support, bench-latency, bench-chat, bench-first   the figures of the README"
	@echo "make clean   remove the virtual environment and the index"

chat: $(VENV)/.installed
	@$(BIN)/qa status >/dev/null 2>&1 || $(BIN)/qa index eval/sample/articles >&2
	@$(BIN)/qa chat

test: $(VENV)/.tested
	$(BIN)/python -m pytest

check: $(VENV)/.tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

eval: $(VENV)/.installed
	@$(BIN)/qa status >/dev/null 2>&1 || $(BIN)/qa index eval/sample/articles >&2
	@$(BIN)/qa eval eval/sample/questions.jsonl

bench-start: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.start

bench-search: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.search $(DATA) $(if $(SETS),--sets $(SETS)) $(if $(LIMIT),--limit $(LIMIT)) $(if $(RERANK),--rerank $(RERANK))

bench-answers: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.answers $(DATA)

bench-index: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.index $(DATA) $(if $(PASSAGES),--passages $(PASSAGES)) $(if $(WORKERS),--workers)

bench-scale: $(VENV)/.tested
	@$(BIN)/python -m benchmarks.scale $(SIZES) $(if $(LIKE),--like $(LIKE)) $(if $(KEEP),--keep $(KEEP)) $(if $(OUT),--out $(OUT))

bench-again: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.again $(STORE) $(DATA)

bench-chat: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.typing
	@$(BIN)/python -m benchmarks.soak

bench-first: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.first_source $(if $(STORE),--store $(STORE)) $(if $(QUESTIONS),--questions $(QUESTIONS))

screenshots: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.screenshot docs

bench-support: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.support $(DATA)

bench-latency: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.latency $(if $(SIZES),--sizes $(SIZES)) $(if $(LIKE),--like $(LIKE)) $(if $(STORES),--stores $(STORES)) $(if $(QUESTIONS),--questions $(QUESTIONS)) $(if $(OUT),--out $(OUT))

$(VENV)/.python:
	@echo "making $(VENV) (once; a few minutes)" >&2
	@$(PYTHON) -c 'import sys; sys.exit("qa needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)
	@if [ -n "$(TORCH_INDEX)" ]; then $(PIP) torch --index-url "$(TORCH_INDEX)"; fi
	@touch $@

$(VENV)/.installed: $(VENV)/.python pyproject.toml constraints.txt
	@$(PIP) -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	@$(PIP) -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) .qa
