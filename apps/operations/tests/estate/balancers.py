"""Application load balancers."""

from typing import Any

from apps.operations.tests.estate.planting import Estate, tags

NEW_TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"
OLD_TLS = "ELBSecurityPolicy-2016-08"


def _balancer(estate: Estate, name: str) -> tuple[str, str]:
    """A balancer, protected and logged, and its group of targets."""
    elb = estate("elbv2")
    balancer: str = elb.create_load_balancer(
        Name=name,
        Subnets=[estate.shared["subnet-a"], estate.shared["subnet-b"]],
        SecurityGroups=[estate.shared["web"]],
        Scheme="internet-facing",
        Type="application",
        Tags=tags(name),
    )["LoadBalancers"][0]["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=balancer,
        Attributes=[
            {"Key": "deletion_protection.enabled", "Value": "true"},
            {"Key": "access_logs.s3.enabled", "Value": "true"},
            {"Key": "access_logs.s3.bucket", "Value": "shop-logs"},
            {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
        ],
    )
    estate.alarm("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", balancer.split("loadbalancer/")[1])
    group: str = elb.create_target_group(
        Name=f"{name}-targets",
        Protocol="HTTP",
        Port=80,
        VpcId=estate.shared["vpc"],
        TargetType="instance",
        Tags=tags(name),
    )["TargetGroups"][0]["TargetGroupArn"]
    return balancer, group


def _behind(estate: Estate, group: str) -> None:
    estate("elbv2").register_targets(TargetGroupArn=group, Targets=[{"Id": estate.shared["machine"], "Port": 80}])


def _visits(estate: Estate, balancer: str, count: float) -> None:
    dimension = {"LoadBalancer": balancer.split("loadbalancer/")[1]}
    estate.measure("AWS/ApplicationELB", "RequestCount", dimension, count)


def _https(estate: Estate, balancer: str, group: str, policy: str) -> None:
    estate("elbv2").create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        SslPolicy=policy,
        Certificates=[{"CertificateArn": estate.shared["certificate"]}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )


def _http(estate: Estate, balancer: str, action: dict[str, Any]) -> None:
    estate("elbv2").create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[action])


REDIRECT = {
    "Type": "redirect",
    "RedirectConfig": {
        "Protocol": "HTTPS",
        "Port": "443",
        "StatusCode": "HTTP_301",
        "Host": "#{host}",
        "Path": "/#{path}",
    },
}


def plant(estate: Estate) -> None:
    estate.shared["certificate"] = estate("acm").request_certificate(
        DomainName="shop.example", ValidationMethod="DNS", Tags=tags("shop")
    )["CertificateArn"]

    good, group = _balancer(estate, "shop-good")
    _behind(estate, group)
    _visits(estate, good, 5000)
    _https(estate, good, group, NEW_TLS)
    _http(estate, good, REDIRECT)
    estate.twin("ELB.1", "balancer that sends HTTP on to HTTPS", good)

    plain, group = _balancer(estate, "shop-plain")
    _behind(estate, group)
    _visits(estate, plain, 5000)
    _http(estate, plain, {"Type": "forward", "TargetGroupArn": group})
    estate.fault("ELB.1", "balancer that serves plain HTTP", plain)

    old, group = _balancer(estate, "shop-old-tls")
    _behind(estate, group)
    _visits(estate, old, 5000)
    _https(estate, old, group, OLD_TLS)
    _http(estate, old, REDIRECT)
    estate.fault("ELB.17", "balancer that takes TLS 1.0", old)

    empty, group = _balancer(estate, "shop-empty")
    _visits(estate, empty, 0)
    _https(estate, empty, group, NEW_TLS)
    _http(estate, empty, REDIRECT)
    estate.fault("idle balancer", "balancer with nothing behind it", empty)
