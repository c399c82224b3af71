"""What browsers keep."""

from rules import edges
from rules.world import World

from .planned import said_by, world


def test_nobody_is_put_on_preload_lists_unasked():
    def headers(preload: bool) -> World:
        given = {"strict_transport_security": [{"preload": preload}]}
        return world(("aws_cloudfront_response_headers_policy.this", {"security_headers_config": [given]}))

    assert said_by(edges.preloading_is_asked_for, headers(False)) == []
    assert len(said_by(edges.preloading_is_asked_for, headers(True))) == 1
