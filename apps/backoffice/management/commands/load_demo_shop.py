from argparse import ArgumentParser
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from apps.catalogue.demo.load import foreign_products, load_catalogue
from apps.catalogue.demo.prints import MASTER_WIDTH
from apps.delivery.demo import load_delivery_methods
from apps.orders.models import Order


class Command(BaseCommand):
    help = (
        "Fill the shop with the demo catalogue and its delivery methods. Adds what is missing and changes nothing "
        "that exists; refuses a database that somebody already sells from."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="add the demo products beside real products and orders"
        )
        parser.add_argument("--width", type=int, default=MASTER_WIDTH, help="side of the illustrations in pixels")
        parser.add_argument("--no-progress", action="store_true", help="draw no progress bar")

    def handle(self, **options: Any) -> None:
        if not options["force"]:
            self._refuse_a_real_shop()
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(file=self._terminal()),
            transient=True,
            disable=options["no_progress"] or not self.stdout.isatty(),
        ) as bars:
            tasks: dict[str, Any] = {}

            def show(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bars.add_task(what.capitalize(), total=total)
                bars.update(tasks[what], completed=done)

            loaded = load_catalogue(now=timezone.now(), progress=show, width=options["width"])
        methods = load_delivery_methods()
        if loaded.products or methods:
            self.stdout.write(
                f"Added {loaded.products} products, {loaded.illustrations} illustrations, {methods} delivery methods."
            )
        else:
            self.stdout.write("The demo shop is already here; nothing was changed.")

    def _terminal(self) -> TextIO:
        """The stream itself: Django's wrappers, of which another command may add its own, end every write by a line."""
        stream: Any = self.stdout
        while isinstance(stream, OutputWrapper):
            stream = stream._out
        return stream

    def _refuse_a_real_shop(self) -> None:
        if Order.objects.exists():
            raise CommandError("This shop has orders. Use --force to add the demo products all the same.")
        if foreign := foreign_products():
            raise CommandError(
                f"This shop has {foreign} products of its own. Use --force to add the demo products beside them."
            )
