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


def test_a_group_of_origins_takes_no_writing_method():
    def behaviour(*methods: str) -> World:
        page = {"target_origin_id": "shop", "allowed_methods": ["GET", "HEAD", "POST"]}
        files = {"target_origin_id": "anywhere", "allowed_methods": list(methods), "path_pattern": "static/*"}
        given = {"default_cache_behavior": [page], "ordered_cache_behavior": [files]}
        return world(("aws_cloudfront_distribution.this", {**given, "origin_group": [{"origin_id": "anywhere"}]}))

    assert problems_of(edges.origin_groups_are_read_alone, behaviour("GET", "HEAD")) == []
    assert "static/* takes no POST" in problems_of(edges.origin_groups_are_read_alone, behaviour("GET", "POST"))[0]
