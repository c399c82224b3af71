"""What browsers keep."""

from rules import edges
from rules.world import World

from .planned import problems_of, world


def test_nobody_is_put_on_preload_lists_unasked():
    def headers(preload: bool) -> World:
        given = {"strict_transport_security": [{"preload": preload}]}
        return world(("aws_cloudfront_response_headers_policy.this", {"security_headers_config": [given]}))

    assert problems_of(edges.preloading_is_asked_for, headers(False)) == []
    assert len(problems_of(edges.preloading_is_asked_for, headers(True))) == 1
