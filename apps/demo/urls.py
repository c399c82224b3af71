from django.urls import path
from django.utils.translation import gettext_lazy as _

from apps.demo.views.bank import bank
from apps.demo.views.mailbox import mail, mail_html, mailbox

app_name = "demo"

urlpatterns = [
    path(_("paiement/banque-de-demonstration/<slug:reference>/"), bank, name="bank"),
    path("demo/courrier/", mailbox, name="mailbox"),
    path("demo/courrier/<str:key>/", mail, name="mail"),
    path("demo/courrier/<str:key>/html/", mail_html, name="mail_html"),
]
