"""Writes to withdrawals. The order's row is locked first, as for every change of an order."""

from apps.aftersales.services.declare import WithdrawalOver, WithdrawalRefused, declare_withdrawal, refuse_when_over
from apps.aftersales.services.invariants import check_withdrawals
from apps.aftersales.services.remind import remind_team
from apps.aftersales.services.settle import mark_nothing_due, mark_refunded, receive_goods, receive_proof

__all__ = [
    "WithdrawalOver",
    "WithdrawalRefused",
    "check_withdrawals",
    "declare_withdrawal",
    "mark_nothing_due",
    "mark_refunded",
    "receive_goods",
    "receive_proof",
    "refuse_when_over",
    "remind_team",
]
