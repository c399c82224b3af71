"""Template tags for e-mails: amounts, and inline styles because mail clients drop style sheets.

The class names are rendered too: the base template restyles them for dark screens.
"""

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.common import formats
from apps.common.money import format_euros, format_whole_euros

register = template.Library()
register.filter("clock", formats.clock)
register.filter("percent", formats.percent)
register.filter("capital", formats.capital)

SANS = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
SERIF = "font-family:Georgia,'Times New Roman',serif"
STYLES = {
    "page": f"margin:0;padding:0;background-color:#FBF8F2;color:#1E2923;{SANS};font-size:16px;line-height:1.5",
    "wrap": "max-width:600px;margin:0 auto;padding:24px 16px",
    "brand": f"margin:0 0 16px;{SERIF};font-size:22px;font-weight:bold;color:#256B4C;text-decoration:none",
    "card": "background-color:#FFFFFF;border:1px solid #E4DDD0;border-radius:10px;padding:24px 20px",
    "title": f"margin:0 0 16px;{SERIF};font-size:26px;line-height:1.2;font-weight:bold;color:#1E2923",
    "heading": f"margin:28px 0 8px;{SERIF};font-size:19px;line-height:1.3;font-weight:bold;color:#1E2923",
    "text": "margin:0 0 14px;font-size:16px;line-height:1.5",
    "small": "margin:0 0 10px;font-size:13px;line-height:1.5;color:#5A665F",
    "link": "color:#256B4C;text-decoration:underline;word-break:break-word",
    "action": "margin:22px 0",
    "button": (
        "display:inline-block;background-color:#256B4C;color:#FFFFFF;font-weight:bold;text-decoration:none;"
        "padding:12px 22px;border-radius:10px"
    ),
    "code": "font-family:Consolas,Menlo,monospace;font-size:18px;letter-spacing:1px;word-break:break-all",
    "panel": (
        "margin:16px 0;padding:14px 16px;background-color:#F3EEE3;border-radius:10px;font-size:16px;line-height:1.6"
    ),
    "table": "width:100%;border-collapse:collapse;margin:8px 0 16px;font-size:15px;line-height:1.4",
    "name": (
        "padding:10px 8px 10px 0;border-bottom:1px solid #E4DDD0;text-align:left;vertical-align:top;font-weight:normal"
    ),
    "amount": (
        "padding:10px 0 10px 8px;border-bottom:1px solid #E4DDD0;text-align:right;vertical-align:top;white-space:nowrap"
    ),
    "total_name": "padding:12px 8px 12px 0;text-align:left;vertical-align:top;font-weight:bold",
    "total": (
        f"padding:12px 0;text-align:right;vertical-align:top;white-space:nowrap;{SERIF};font-size:20px;font-weight:bold"
    ),
    "muted": "color:#5A665F;font-size:13px",
    "foot": "padding:20px 4px 0;font-size:13px;line-height:1.5;color:#5A665F",
}


@register.simple_tag
def style(name: str) -> SafeString:
    """`class` and inline `style` of one element: `<p {% style "text" %}>`."""
    return format_html('class="{}" style="{}"', name, SafeString(STYLES[name]))


@register.filter
def euros(amount: Decimal) -> str:
    return format_euros(amount)


@register.filter
def whole_euros(amount: Decimal) -> str:
    return format_whole_euros(amount)
