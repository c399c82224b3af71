from celery import current_app

from apps.operations.planned.due_jobs import LONGEST_RUN
from webmarket.aws import VISIBILITY_SECONDS


def test_no_task_outlives_the_time_that_its_message_is_hidden():
    current_app.loader.import_default_modules()
    longest = current_app.conf.task_time_limit
    for name, task in current_app.tasks.items():
        wait = getattr(task, "retry_backoff_max", 0) if getattr(task, "retry_backoff", 0) else 0
        assert (task.time_limit or longest) + wait < VISIBILITY_SECONDS, name


def test_a_planned_job_whose_worker_died_is_free_again_when_its_message_comes_back():
    longest = max(task.time_limit or 0 for task in current_app.tasks.values())
    assert longest < LONGEST_RUN.total_seconds() < VISIBILITY_SECONDS


def test_what_may_touch_aws_has_a_queue_of_its_own():
    current_app.loader.import_default_modules()
    for name in current_app.tasks:
        queue = current_app.amqp.router.route({}, name)["queue"].name
        assert queue == ("operations" if name.startswith("operations.") else "default"), name
