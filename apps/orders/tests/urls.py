"""The storefront's URL names that e-mails link to, so that this app's tests need no face."""

from django.http import HttpResponse
from django.urls import include, path


def page(request, token=""):
    return HttpResponse(token)


storefront = [
    path("suivi/<str:token>/", page, name="order"),
    path("paiement/<str:token>/", page, name="payment"),
    path("conditions-generales/<str:token>/", page, name="terms_version"),
    path("livraison-et-retours/", page, name="delivery_and_returns"),
]
urlpatterns = [path("", include((storefront, "storefront")))]
