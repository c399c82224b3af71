import json
import logging
import logging.config
import sys

import pytest
import structlog

from webmarket import logs


@pytest.fixture
def logged(capsys, settings):
    """Log with a configuration of its own and return the lines."""

    def run(*, readable: bool) -> list[str]:
        configuration = logs.configure(readable=readable, level="INFO")
        formatter = logging.config.DictConfigurator(configuration).configure_formatter(
            configuration["formatters"]["event"]
        )
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(formatter)
        logger = logging.getLogger("apps.shop")
        logger.addHandler(handler)
        logger.setLevel("INFO")
        try:
            structlog.get_logger("apps.shop").info("order_paid", order_id=7)
            card = "4242"
            try:
                raise ValueError("refused")
            except ValueError:
                logger.exception("Internal Server Error: %s", "/panier/")
            assert card
        finally:
            logger.removeHandler(handler)
        return capsys.readouterr().err.splitlines()

    yield run
    logs.configure(readable=settings.DEMO, level="INFO")


def test_an_event_is_one_line_of_json(logged):
    ours, foreign = map(json.loads, logged(readable=False))
    assert (ours["event"], ours["order_id"], ours["level"]) == ("order_paid", 7, "info")
    assert foreign["event"] == "Internal Server Error: /panier/"
    assert "ValueError: refused" in foreign["exception"]
    assert "4242" not in foreign["exception"]


def test_a_person_reads_the_event_and_the_traceback(logged):
    text = "\n".join(logged(readable=True))
    assert "order_paid" in text
    assert "ValueError: refused" in text


@pytest.mark.parametrize(("level", "celery", "boto"), [("DEBUG", "INFO", "WARNING"), ("ERROR", "ERROR", "ERROR")])
def test_no_library_logs_more_than_the_level(level, celery, boto):
    loggers = logs.configure(readable=True, level=level)["loggers"]
    assert (loggers["celery"]["level"], loggers["botocore"]["level"]) == (celery, boto)
