from django.urls import include, path, re_path

from apps.api import docs, errors, health

app_name = "api"

api = [
    path("health", health.health),
    path("schema", docs.schema, name="schema"),
    path("docs", docs.swagger, name="swagger"),
    path("redoc", docs.redoc, name="redoc"),
]

urlpatterns = [
    path("health", health.health, name="health"),
    path("health/live", health.live, name="live"),
    path("api/", include(api)),
    re_path(r"^api/.*$", errors.not_found),
]
