from django.urls import path
from django.utils.translation import gettext_lazy as _

from apps.storefront.views import account, basket, catalogue, checkout, contact, demo_mail, legal, order, payment
from apps.storefront.views.demo_bank import demo_bank
from apps.storefront.views.webhook import webhook

app_name = "storefront"

urlpatterns = [
    path("", catalogue.home, name="home"),
    path(_("rayon/<slug:slug>/"), catalogue.category, name="category"),
    path(_("produit/<slug:slug>/"), catalogue.product, name="product"),
    path(_("panier/"), basket.basket, name="basket"),
    path(_("panier/ajouter/"), basket.basket_add, name="basket_add"),
    path(_("panier/modifier/"), basket.basket_update, name="basket_update"),
    path(_("moi/"), basket.me, name="me"),
    path(_("commande/"), checkout.checkout, name="checkout"),
    path(_("commande/recapitulatif/"), checkout.summary, name="summary"),
    path(_("commande/valider/"), checkout.place_order, name="place_order"),
    path(_("commande/merci/<str:token>/"), order.confirmation, name="confirmation"),
    path("paiement/notification/<slug:gateway_code>/", webhook, name="webhook"),
    path(_("paiement/banque-de-demonstration/<slug:reference>/"), demo_bank, name="demo_bank"),
    path(_("paiement/<str:token>/"), payment.payment, name="payment"),
    path(_("paiement/<str:token>/retour/"), payment.payment_return, name="payment_return"),
    path(_("suivi/<str:token>/"), order.order, name="order"),
    path(_("recherche/"), catalogue.search, name="search"),
    path(_("recherche/suggestions/"), catalogue.suggestions, name="suggestions"),
    path(_("mentions-legales/"), legal.legal_notice, name="legal_notice"),
    path(_("conditions-generales/"), legal.terms, name="terms"),
    path(_("conditions-generales/<str:version>/"), legal.terms, name="terms_version"),
    path(_("confidentialite/"), legal.privacy, name="privacy"),
    path(_("livraison-et-retours/"), legal.delivery_and_returns, name="delivery_and_returns"),
    path(_("contact/"), contact.contact, name="contact"),
    path(_("contact/merci/"), contact.contact_sent, name="contact_sent"),
    path("demo/courrier/", demo_mail.mailbox, name="demo_mailbox"),
    path("demo/courrier/<str:key>/", demo_mail.mail, name="demo_mail"),
    path("demo/courrier/<str:key>/html/", demo_mail.mail_html, name="demo_mail_html"),
    path(_("compte/"), account.account, name="account"),
    path(_("compte/identite/"), account.profile, name="profile"),
    path(_("compte/adresses/"), account.addresses, name="addresses"),
    path(_("compte/adresses/ajouter/"), account.address_create, name="address_create"),
    path(_("compte/adresses/<int:pk>/"), account.address_update, name="address_update"),
    path(_("compte/adresses/<int:pk>/supprimer/"), account.address_delete, name="address_delete"),
    path(_("compte/adresses/<int:pk>/habituelle/"), account.address_default, name="address_default"),
    path(_("compte/commandes/"), account.account_orders, name="account_orders"),
    path(_("compte/commandes/rattacher/"), account.claim_orders, name="claim_orders"),
    path(_("compte/commandes/<str:number>/"), account.account_order, name="account_order"),
    path(_("compte/commandes/<str:number>/racheter/"), account.buy_again, name="buy_again"),
    path(_("compte/donnees/"), account.account_data, name="account_data"),
    path(_("compte/donnees/export/"), account.export_data, name="export_data"),
    path(_("compte/donnees/effacer/"), account.erase_account, name="erase_account"),
    path(_("compte/efface/"), account.account_erased, name="account_erased"),
]
