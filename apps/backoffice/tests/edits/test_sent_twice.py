"""One page sent twice is saved once."""

import pytest
from django.test import Client

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.tests.two_people import OPERATOR, OPERATOR_ADD, change, sent_by_a_browser
from apps.catalogue.models import EconomicOperator
from apps.common.tests.races import race
from apps.delivery.tests.factories import DeliveryMethodFactory


def test_a_new_record_sent_twice_is_made_once(client, staff):
    page = sent_by_a_browser(client, OPERATOR_ADD, **OPERATOR)
    assert [client.post(OPERATOR_ADD, page).status_code for _time in range(3)] == [302] * 3
    assert EconomicOperator.objects.count() == 1
    # Another page that says the same is another record.
    assert client.post(OPERATOR_ADD, sent_by_a_browser(client, OPERATOR_ADD, **OPERATOR)).status_code == 302
    assert EconomicOperator.objects.count() == 2


def test_a_new_row_sent_twice_is_made_once_and_its_own_copy_is_no_mistake(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00"})
    row = {"brackets-TOTAL_FORMS": "2", "brackets-1-up_to_g": "2000", "brackets-1-price": "5.00"}
    page = sent_by_a_browser(client, change(method), **row)
    answers = [client.post(change(method), page) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert method.brackets.count() == 2
    texts = [str(message) for message in client.get(answers[1].url).context["messages"]]
    assert any("deux fois" in text for text in texts)


def test_a_refused_page_may_be_sent_again(client, staff, product):
    page = sent_by_a_browser(client, change(product), name_fr="")
    assert [client.post(change(product), page).status_code for _time in range(2)] == [200, 200]


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_row():
    user = StaffFactory(is_superuser=True)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(user)
    page = sent_by_a_browser(clients[0], OPERATOR_ADD, **OPERATOR)
    answers = race(*[lambda c=client: c.post(OPERATOR_ADD, page) for client in clients])
    assert [answer.status_code for answer in answers] == [302, 302]
    assert EconomicOperator.objects.count() == 1
