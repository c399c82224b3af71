from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.urls import path

from apps.backoffice.board import saved_views, views
from apps.backoffice.team import team_view

app_name = "backoffice"


def _staff(view: Callable[..., Any]) -> Callable[..., Any]:
    return admin.site.admin_view(view)


urlpatterns = [
    path("team/", _staff(team_view), name="team"),
    path("board/", _staff(views.board), name="board"),
    path("board/<uuid:public_id>/move/", _staff(views.move_card), name="board_move"),
    path("board/views/", _staff(saved_views.save_view), name="board_save_view"),
    path("board/views/<int:pk>/delete/", _staff(saved_views.delete_view), name="board_delete_view"),
]
