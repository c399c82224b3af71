"""Names of families of cost."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAMILIES: dict[str, str | Promise] = {
    "ec2": _("Instances"),
    "ebs": _("Disques et leurs copies"),
    "ipv4": _("Adresses publiques"),
    "nat": _("Passerelles NAT"),
    "endpoint": _("Points d’accès privés"),
    "balancer": _("Répartiteurs"),
    "rds": _("Bases et leurs copies"),
    "elasticache": _("Caches"),
    "s3": _("Fichiers"),
    "secrets": _("Secrets"),
    "kms": _("Clés de chiffrement"),
    "cloudwatch": _("Alarmes"),
}


def family_name(family: str) -> str:
    return str(FAMILIES.get(family, family))
