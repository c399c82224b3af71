from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from apps.storefront.views import catalogue, legal
from apps.storefront.views.demo_bank import demo_bank
from apps.storefront.views.webhook import webhook

app_name = "storefront"

urlpatterns = [
    path("", TemplateView.as_view(template_name="storefront/home.html"), name="home"),
    path(_("rayon/<slug:slug>/"), catalogue.category, name="category"),
    path(_("produit/<slug:slug>/"), catalogue.product, name="product"),
    path(_("mentions-legales/"), legal.legal_notice, name="legal_notice"),
    path(_("conditions-generales/"), legal.terms, name="terms"),
    path(_("conditions-generales/<str:version>/"), legal.terms, name="terms_version"),
    path(_("confidentialite/"), legal.privacy, name="privacy"),
    path(_("livraison-et-retours/"), legal.delivery_and_returns, name="delivery_and_returns"),
    path("paiement/notification/<slug:gateway_code>/", webhook, name="webhook"),
    path(_("paiement/banque-de-demonstration/<slug:reference>/"), demo_bank, name="demo_bank"),
]
