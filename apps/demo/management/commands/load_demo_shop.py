from argparse import ArgumentParser
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from apps.demo.catalogue.load import foreign_products, load_catalogue
from apps.demo.catalogue.prints import MASTER_WIDTH
from apps.demo.delivery import load_delivery_methods
from apps.demo.reviews import load_reviews
from apps.orders.models import Order


class Command(BaseCommand):
    help = (
        "Remplit la boutique du catalogue de démonstration et de ses modes de livraison. Ajoute ce qui manque, ne "
        "change rien de ce qui existe ; refuse une base où quelqu’un vend déjà."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="ajoute ces produits à côté de vrais produits et de vraies commandes"
        )
        parser.add_argument("--width", type=int, default=MASTER_WIDTH, help="côté des illustrations, en pixels")
        parser.add_argument(
            "--without-illustrations",
            action="store_true",
            help="sans les dessiner : `illustrate_demo_shop` le fait ensuite",
        )
        parser.add_argument("--no-progress", action="store_true", help="sans barre de progression")

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
            labels = {"illustrations": _("illustrations"), "products": _("produits")}

            def show(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bars.add_task(labels[what].capitalize(), total=total)
                bars.update(tasks[what], completed=done)

            loaded = load_catalogue(
                now=timezone.now(),
                progress=show,
                width=options["width"],
                illustrated=not options["without_illustrations"],
            )
        methods = load_delivery_methods()
        load_reviews(now=timezone.now())
        if loaded.products or methods:
            self.stdout.write(
                _("Ajoutés : %(products)s produits, %(pictures)s illustrations, %(methods)s modes de livraison.")
                % {"products": loaded.products, "pictures": loaded.illustrations, "methods": methods}
            )
        else:
            self.stdout.write(_("La boutique de démonstration est déjà là ; rien n’a été changé."))

    def _terminal(self) -> TextIO:
        """The stream itself: Django's wrappers, of which another command may add its own, end every write with a
        newline."""
        stream: Any = self.stdout
        while isinstance(stream, OutputWrapper):
            stream = stream._out
        return stream

    def _refuse_a_real_shop(self) -> None:
        if Order.objects.exists():
            raise CommandError(
                _("Cette boutique a des commandes. Ajoutez --force pour y mettre quand même la démonstration.")
            )
        if foreign := foreign_products():
            raise CommandError(
                ngettext(
                    "Cette boutique a %(count)s produit à elle. Ajoutez --force pour y joindre la démonstration.",
                    "Cette boutique a %(count)s produits à elle. Ajoutez --force pour y joindre la démonstration.",
                    foreign,
                )
                % {"count": foreign}
            )
