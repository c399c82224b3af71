"""The table of sentences: what is counted, compared, and traced to where it comes from."""

from rules.sentences import SENTENCES
from rules.sentences.sentence import ABSENT, By, Is, Sentence, between, from_, has, least

from .planned import problems_of, world

PAGE = "x.html"


def problems(sentence: Sentence, *resources, name: str = "staging", **more) -> list[str]:
    return problems_of(sentence.check, world(*resources, name=name, **more))


def test_each_environment_has_forty_and_more():
    for name in ("demo", "staging", "production"):
        assert sum(name in one.environments for one in SENTENCES) >= 40


def test_each_sentence_says_something_else():
    assert len({(one.says, one.where) for one in SENTENCES}) == len(SENTENCES)


def test_what_is_missing_is_missed():
    assert problems(Sentence("", PAGE, "aws_lb", {"internal": False})) == ["there is no aws_lb"]
    assert problems(Sentence("", PAGE, "aws_lb", count=By(demo=1, staging=0, production=1))) == []
    assert problems(Sentence("", PAGE, "aws_lb", count=2), ("aws_lb.one", {})) == ["1 of aws_lb, not 2"]
    assert problems(Sentence("", PAGE, "aws_lb", {"internal": False}, environments=("demo",))) == []


def test_values_are_compared_in_every_block():
    queue = ("aws_lb.this", {"logs": [{"on": True}, {"on": False}], "name": "webmarket-staging-x", "list": ["a", "b"]})
    for wanted, right in (
        ({"logs.on": True}, False),
        ({"logs.on": {True, False}}, True),
        ({"name": "{name}-x"}, True),
        ({"name": has("staging", "x")}, True),
        ({"list": ("a", "b")}, True),
        ({"list.*": {"b", "a"}}, True),
        ({"list": ("b", "a")}, False),
        ({"nowhere": 1}, False),
        ({"nowhere": ABSENT}, True),
        ({"name": ABSENT}, False),
        ({"name": By(demo="x", staging="webmarket-staging-x", production="y")}, True),
    ):
        assert (problems(Sentence("", PAGE, "aws_lb", wanted), queue) == []) is right, wanted


def test_numbers_have_bounds():
    for wanted, value, right in ((least(2), 2, True), (least(2), 1, False), (between(1, 3), 4, False)):
        assert (
            problems(Sentence("", PAGE, "aws_lb", {"size": wanted}), ("aws_lb.this", {"size": value})) == []
        ) is right
    assert problems(Sentence("", PAGE, "aws_lb", {"size": least(2)}), ("aws_lb.this", {})) != []
    assert problems(
        Sentence("", PAGE, "aws_lb", {"size": Is("odd", lambda value: value % 2)}), ("aws_lb.this", {"size": 2})
    )


def test_what_is_known_later_is_traced_to_its_source():
    sentence = Sentence("", PAGE, "aws_lb", {"subnets": from_("aws_subnet.public")})
    references = {"aws_lb.this": {"subnets": "aws_subnet.public"}}
    assert problems(sentence, ("aws_lb.this", {}), references=references) == []
    for other in ({"aws_lb.this": {"subnets": "aws_subnet.app"}}, {"aws_lb.this": {}}):
        assert len(problems(sentence, ("aws_lb.this", {}), references=other)) == 1


def test_json_is_read_without_its_white_space():
    sentence = Sentence("", PAGE, "aws_lb", {"policy": has('"Effect":"Deny"')})
    assert problems(sentence, ("aws_lb.this", {"policy": '{ "Effect": "Deny" }'})) == []
