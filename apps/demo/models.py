"""The tables bear the names under which migrations of `payments` make them everywhere, in a real shop too
(docs/decisions/2026-11-28-the-demonstration-is-one-app.md)."""

from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils import timezone

from apps.common.fields import ExactCharField
from apps.common.money import ZERO, MoneyField


class DemoCharge(models.Model):
    """The books of the demonstration bank, which the shop only reaches through its gateway. Has no card data."""

    class Status(models.TextChoices):
        CHALLENGED = "CHALLENGED"
        AUTHORISED = "AUTHORISED"
        CAPTURED = "CAPTURED"
        DECLINED = "DECLINED"
        CANCELLED = "CANCELLED"

    key = ExactCharField(max_length=64, unique=True)
    reference = ExactCharField(max_length=40, unique=True)
    status = models.CharField(max_length=12, choices=Status)
    amount = MoneyField()
    refunded = MoneyField(default=ZERO)
    decline_reason = models.CharField(max_length=200, blank=True)
    return_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "payments_democharge"
        constraints = [CheckConstraint(condition=Q(refunded__lte=F("amount")), name="demo_charge_refunded_lte_amount")]

    def __str__(self) -> str:
        return self.reference


class DemoRefund(models.Model):
    charge = models.ForeignKey(DemoCharge, on_delete=models.CASCADE, related_name="refunds")
    key = ExactCharField(max_length=64, unique=True)
    amount = MoneyField()

    class Meta:
        db_table = "payments_demorefund"

    def __str__(self) -> str:
        return self.key
