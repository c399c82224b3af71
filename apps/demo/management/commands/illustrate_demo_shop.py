import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.demo.catalogue.load import illustrate
from apps.demo.catalogue.prints import MASTER_WIDTH


class Command(BaseCommand):
    help = "Dessine les illustrations que `load_demo_shop --without-illustrations` a laissées de côté."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--width", type=int, default=MASTER_WIDTH, help="côté des illustrations, en pixels")

    def handle(self, **options: Any) -> None:
        # Beside a shop that answers.
        os.nice(10)
        illustrate(width=options["width"])
