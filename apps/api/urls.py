from django.urls import include, path, re_path

from apps.api import auth, captcha, catalogue, comments, docs, embed, errors, health, prospects

app_name = "api"

api = [
    path("health", health.health),
    path("schema", docs.schema, name="schema"),
    path("docs", docs.swagger, name="swagger"),
    path("redoc", docs.redoc, name="redoc"),
    path("auth/login", auth.Login.as_view()),
    path("auth/refresh", auth.Refresh.as_view()),
    path("auth/logout", auth.Logout.as_view()),
    path("commentaires", comments.Comments.as_view()),
    path("commentaires/fils", comments.Threads.as_view()),
    path("commentaires/<int:pk>", comments.OneComment.as_view()),
    path("commentaires/<int:pk>/signalement", comments.Reports.as_view()),
    path("captcha/challenge", captcha.Challenge.as_view()),
    path("verify-recaptcha", captcha.Verification.as_view()),
    path("products", catalogue.Products.as_view()),
    path("products/<slug:slug>", catalogue.OneProduct.as_view()),
    path("categories", catalogue.Categories.as_view()),
    path("prospects", prospects.Prospects.as_view()),
    path("prospects/board", prospects.Board.as_view()),
    path("prospects/<uuid:id>", prospects.OneProspect.as_view()),
    path("prospects/<uuid:id>/move", prospects.Move.as_view()),
    path("prospects/<uuid:id>/restore", prospects.Restoration.as_view()),
]

urlpatterns = [
    path("health", health.health, name="health"),
    path("health/live", health.live, name="live"),
    path("commentaires.js", embed.script, name="embed"),
    path("api/", include(api)),
    # Without an end: `.` stops at a line end, and a path may hold one.
    re_path(r"^api/", errors.not_found),
]
