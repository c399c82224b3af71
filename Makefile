.DEFAULT_GOAL := help
.PHONY: help run test test-platform proofs bench profile fmt lock messages

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## The whole shop at http://127.0.0.1:8000 (PORT=… for another port)
	@exec python3 deploy/local/run.py

test: ## Every check: lint, types, migrations, tests on SQLite and MySQL, browser journeys
	@exec python3 deploy/local/test.py

test-platform: ## Plant mistakes; apply the demo environment to moto and destroy it; bake the image and serve from it (minutes)
	@exec python3 deploy/platform_tests/test_platform.py

proofs: ## Kill workers, fail databases over, lose what a shop may lose, and recover it (an hour or so; ONLY=… for parts)
	@exec python3 deploy/local/proofs.py

bench: ## Measure against bare Django at 1k, 10k and 100k products, comments against FastAPI; writes docs/benchmarks*.md
	@exec python3 deploy/local/bench.py

profile: ## Flame graph of a page or a write: PAGE=/ (any path), PAGE=purchase, PAGE=comment
	@exec python3 deploy/bench/flame.py "$(or $(PAGE),--help)"

fmt: ## Format the code and apply the linters' fixes
	@python3 deploy/local/test.py --fix

lock: ## Compile the hand-written requirements into pinned sets with hashes
	@python3 deploy/local/lock.py

messages: ## Synchronise the English sentences with the French sources, and list what is missing
	@.venv/bin/python manage.py translations update && .venv/bin/python manage.py translations check
