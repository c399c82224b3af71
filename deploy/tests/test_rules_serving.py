"""Parts that fit each other."""

from rules import serving

from .planned import problems_of, world

GROUP = ("aws_autoscaling_group.this", {"name": "webmarket-test-workers"})


def test_the_balancer_asks_a_port_that_is_open():
    references = {"aws_vpc_security_group_ingress_rule.app": {"security_group_id": "aws_security_group.app.id"}}

    def served(port: int):
        rule = ("aws_vpc_security_group_ingress_rule.app", {"from_port": 80})
        return world(("aws_lb_target_group.web", {"port": port}), rule, references=references)

    assert problems_of(serving.targets_can_be_reached, served(80)) == []
    assert len(problems_of(serving.targets_can_be_reached, served(8080))) == 1


def test_what_leaves_ends_its_work():
    def leaving(seconds: int, delay: int = 30):
        hook = ("aws_autoscaling_lifecycle_hook.drain", {"heartbeat_timeout": seconds})
        return world(GROUP, hook, ("aws_lb_target_group.web", {"deregistration_delay": str(delay)}))

    check = serving.what_leaves_ends_its_work
    assert problems_of(check, leaving(900)) == []
    assert len(problems_of(check, leaving(30))) == 1
    assert len(problems_of(check, leaving(900, 5))) == 1
    assert len(problems_of(check, world(GROUP))) == 1


def test_dead_letters_outlive_a_week():
    def retained(seconds: int):
        return world(("aws_sqs_queue.dead", {"name": "x-dead", "message_retention_seconds": seconds}))

    assert problems_of(serving.dead_letters_outlive_a_week, retained(1_209_600)) == []
    assert len(problems_of(serving.dead_letters_outlive_a_week, retained(60))) == 1


def test_files_are_read_by_the_distribution_alone():
    def asked(**origin):
        return world(("aws_cloudfront_distribution.this", {"origin": [{"origin_id": "files", **origin}]}))

    check = serving.files_are_read_by_the_distribution_alone
    assert problems_of(check, asked(origin_access_control_id="E1")) == []
    assert problems_of(check, asked()) == []
    assert len(problems_of(check, asked(origin_access_control_id=""))) == 1
    assert problems_of(check, asked(origin_access_control_id="", custom_origin_config=[{}])) == []


def test_limits_refuse():
    def limit(action: str):
        rule = {"name": "forms", "statement": [{"rate_based_statement": [{}]}], "action": [{action: [{}]}]}
        return world(("aws_wafv2_web_acl.this", {"rule": [rule]}))

    assert problems_of(serving.limits_refuse, limit("block")) == []
    assert len(problems_of(serving.limits_refuse, limit("count"))) == 1


def test_the_database_is_backed_up():
    selection = ("aws_backup_selection.this", {})
    references = {"aws_backup_selection.this": {"resources": "aws_db_instance.this.arn"}}
    assert problems_of(serving.something_is_backed_up, world(selection, references=references)) == []
    assert len(problems_of(serving.something_is_backed_up, world(selection))) == 1


def test_slow_queries_are_logged():
    def group(value: str):
        given = {"slow_query_log": value, "log_output": "FILE"}
        return world(
            ("aws_db_parameter_group.this", {"parameter": [{"name": n, "value": v} for n, v in given.items()]})
        )

    assert problems_of(serving.slow_queries_are_logged, group("1")) == []
    assert len(problems_of(serving.slow_queries_are_logged, group("0"))) == 1


def test_budgets_notify_somebody():
    def budget(*people: str):
        notification = {"threshold": 80, "subscriber_email_addresses": list(people)}
        return world(("aws_budgets_budget.this", {"notification": [notification]}))

    assert problems_of(serving.budgets_notify_somebody, budget("a@shop.example")) == []
    assert len(problems_of(serving.budgets_notify_somebody, budget())) == 1
