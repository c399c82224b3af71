"""What no worker could do ends among the dead letters, and on the page where people settle it."""

import json

import pytest
from celery import current_app
from django.contrib.auth.models import Permission
from django.urls import reverse
from kombu import Connection

from apps.accounts.tests.factories import StaffFactory
from apps.operations.models import DueJob
from apps.operations.services import dead_letters

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]
PAGE = reverse("admin:operations_dead_letters")
ATTEMPTS = 2


@pytest.fixture
def queues(aws, settings) -> dict[str, str]:
    """As terraform/modules/queue makes them, except that a message comes back at once."""
    sqs = aws("sqs")
    urls = {}
    for name in ("default", "operations"):
        dead = sqs.create_queue(QueueName=f"webmarket-test-{name}-dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": ATTEMPTS})
        attributes = {"RedrivePolicy": redrive, "VisibilityTimeout": "0"}
        urls[name] = sqs.create_queue(QueueName=f"webmarket-test-{name}", Attributes=attributes)["QueueUrl"]
    options = {"region": "eu-west-3", "predefined_queues": {name: {"url": url} for name, url in urls.items()}}
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = options
    return urls


@pytest.fixture
def sqs(aws, queues):
    return aws("sqs")


def send(settings, task: str, **options) -> None:
    with Connection("sqs://", transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS) as connection:
        current_app.send_task(task, producer=current_app.amqp.Producer(connection), queue="default", **options)


def give_up(sqs, url: str) -> None:
    """Take what is in the queue and never acknowledge it, as often as the queue allows."""
    for _ in range(ATTEMPTS + 1):
        sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)


@pytest.fixture
def poison(sqs, queues, settings):
    row = DueJob.objects.create(
        job="probe", task="orders.expire_unpaid", due_at="2026-11-21T12:00Z", token=1, claimed_at="2026-11-21T12:00Z"
    )
    DueJob.objects.update(error="le disque est plein")
    send(settings, "orders.expire_unpaid", headers={"due_job": row.pk})
    send(settings, "catalogue.fetch_image", kwargs={"image_id": 41, "to": "zoe@example.org"})
    send(settings, "no.such_task")
    sqs.send_message(QueueUrl=queues["default"], MessageBody="not ours")
    give_up(sqs, queues["default"])


@pytest.fixture
def people(client):
    def log_in(*names: str):
        user = StaffFactory()
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return client

    return log_in


def count(sqs, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    hidden = f"{name}NotVisible"
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name, hidden])["Attributes"]
    return int(found[name]) + int(found[hidden])


def test_each_is_listed_with_its_task_and_why_it_died(poison):
    found = {dead_letter.task: dead_letter for dead_letter in dead_letters.dead_letters()}
    assert {task: dead_letter.error for task, dead_letter in found.items()} == {
        "orders.expire_unpaid": "le disque est plein",
        "catalogue.fetch_image": "a arrêté chaque worker qui l’a commencée",
        "no.such_task": "cette version ne connaît pas la tâche",
        "": "ce n’est pas un message de la boutique",
    }
    assert {dead_letter.queue for dead_letter in found.values()} == {"default"}


def test_who_looks_next_sees_them_too(poison):
    assert len(dead_letters.dead_letters()) == len(dead_letters.dead_letters()) == 4


def test_ids_are_shown_and_nothing_that_may_be_a_persons(poison, people):
    page = people("view_operationrun").get(PAGE).content.decode()
    assert "image_id=41" in page
    assert "to=…" in page
    assert "zoe@example.org" not in page
    assert "Rendre à la file" not in page


def settle(client, verb: str, dead_letter) -> str:
    answer = client.post(PAGE, {"verb": verb, "queue": dead_letter.queue, "key": dead_letter.key}, follow=True)
    return answer.content.decode()


@pytest.fixture
def dead_letter(sqs, queues, settings):
    send(settings, "catalogue.fetch_image", kwargs={"image_id": 41})
    give_up(sqs, queues["default"])
    (dead_letter,) = dead_letters.dead_letters()
    return dead_letter


def test_one_is_given_back_to_its_queue_as_it_was(dead_letter, sqs, queues, people):
    (dead,) = sqs.receive_message(QueueUrl=queues["default"] + "-dead", VisibilityTimeout=0)["Messages"]
    assert "rendu à sa file" in settle(people("view_operationrun", "start_operation"), "give_back", dead_letter)
    (again,) = sqs.receive_message(QueueUrl=queues["default"])["Messages"]
    assert again["Body"] == dead["Body"]
    assert count(sqs, queues["default"] + "-dead") == 0


def test_one_is_deleted(dead_letter, sqs, queues, people):
    settle(people("view_operationrun", "start_operation"), "delete", dead_letter)
    assert (count(sqs, queues["default"]), count(sqs, queues["default"] + "-dead")) == (0, 0)


def test_one_that_somebody_settled_is_named_so(dead_letter, people):
    client = people("view_operationrun", "start_operation")
    settle(client, "delete", dead_letter)
    assert "n’est plus là" in settle(client, "give_back", dead_letter)


@pytest.mark.parametrize("verb", ["give_back", "delete"])
def test_who_may_only_look_settles_nothing(dead_letter, sqs, queues, people, verb):
    client = people("view_operationrun")
    assert client.post(PAGE, {"verb": verb, "queue": dead_letter.queue, "key": dead_letter.key}).status_code == 403
    assert count(sqs, queues["default"] + "-dead") == 1


def test_strangers_do_not_look(people):
    assert people("view_duejob").get(PAGE).status_code == 403


def test_a_right_that_is_missing_is_said(aws, queues, sqs, people):
    for url in queues.values():
        sqs.delete_queue(QueueUrl=url + "-dead")
    answer = people("view_operationrun").get(PAGE)
    assert answer.status_code == 502
    assert "vérifiez le nom et la région" in answer.content.decode()


def test_the_embedded_broker_has_none(people):
    assert "Aucune lettre morte" in people("view_operationrun").get(PAGE).content.decode()
