"""Reference of the bench: pages of a bare Django, served like the shop.

/ready     20 KB from a constant
/cached    the same 20 KB from Django's in-memory cache
/cards     one query for 20 rows, rendered as 20 cards with Django's templates
/comments  writes a comment, or reads the newest 20 of a section: nothing else
"""

import contextlib
import json
import os
import sys
from decimal import Decimal
from pathlib import Path

import environ
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

CARD = """<li class="card"><a href="/produit/{{ product.slug_fr }}/"><img src="/media/{{ product.code }}-640.webp"
 srcset="/media/{{ product.code }}-320.webp 320w, /media/{{ product.code }}-640.webp 640w" width="640" height="640"
 alt="{{ product.name_fr }}" loading="lazy"></a><h3>
<a href="/produit/{{ product.slug_fr }}/">{{ product.name_fr }}</a></h3>
{% if product.brand_id %}<p class="card__brand">{{ product.brand_id }}</p>{% endif %}
<p class="price">{{ product.price|floatformat:2 }} € <small>{{ product.unit|floatformat:2 }} € / kg</small></p>
<form method="post" action="/panier/ajouter/"><input type="hidden" name="sku" value="{{ product.code }}">
<button class="button">Ajouter au panier</button></form></li>"""
PAGE = f"""<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{{{{ title }}}}</title></head>
<body><h1>{{{{ title }}}}</h1><ul class="grid">{{% for product in products %}}{CARD}{{% endfor %}}</ul></body></html>"""

if not settings.configured:
    settings.configure(
        SECRET_KEY="only for measuring",  # noqa: S106
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60}},
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        (
                            "django.template.loaders.cached.Loader",
                            [("django.template.loaders.locmem.Loader", {"page": PAGE})],
                        )
                    ]
                },
            }
        ],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )

from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection, models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

application = get_wsgi_application()
READY = b"<!doctype html>" + b"<p>Une page de vingt kilo-octets.</p>\n" * 540


class Product(models.Model):
    code = models.CharField(max_length=80)
    name_fr = models.CharField(max_length=200)
    slug_fr = models.CharField(max_length=220)
    brand_id = models.BigIntegerField(null=True)
    price = Decimal("12.50")
    unit = Decimal("25.00")

    class Meta:
        app_label = "bare"
        managed = False
        db_table = "catalogue_product"

    def __str__(self) -> str:
        return self.name_fr


def ready(request: HttpRequest) -> HttpResponse:
    return HttpResponse(READY)


def cached(request: HttpRequest) -> HttpResponse:
    page = cache.get("page")
    if page is None:
        page = READY
        cache.set("page", page, 3600)
    return HttpResponse(page)


def cards(request: HttpRequest) -> HttpResponse:
    products = Product.objects.order_by("id")[:20]
    return render(request, "page", {"products": products, "title": "Vingt cartes"})


class Comment(models.Model):
    section_id = models.CharField(max_length=120)
    author = models.CharField(max_length=80)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bare"
        indexes = [models.Index(fields=["section_id", "id"], name="bare_newest")]

    def __str__(self) -> str:
        return self.text


@csrf_exempt
def comments(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        given = json.loads(request.body)
        comment = Comment.objects.create(section_id=given["sectionId"], author=given["author"], text=given["text"])
        return JsonResponse(as_json(comment), status=201)
    found = Comment.objects.filter(section_id=request.GET["sectionId"]).order_by("-id")[:20]
    return JsonResponse({"results": [as_json(comment) for comment in found], "nextCursor": None})


def as_json(comment: Comment) -> dict:
    return {
        "id": comment.pk,
        "sectionId": comment.section_id,
        "author": comment.author,
        "text": comment.text,
        "timestamp": comment.created_at,
        "status": "published",
    }


urlpatterns = [path("ready", ready), path("cached", cached), path("cards", cards), path("comments", comments)]

# comments.py measures on a database of its own.
if "comments" in os.environ["DATABASE_URL"]:
    with contextlib.suppress(DatabaseError), connection.schema_editor() as editor:
        editor.create_model(Comment)
    connection.close()
