from apps.operations.runs.command import OperationCommand


class Command(OperationCommand):
    operation = "load_generator"
    help = (
        "Charge une boutique que LOAD_TEST_HOSTS autorise de visiteurs qui arrivent au rythme voulu, et échoue au-delà "
        "des seuils. Ctrl-C arrête et garde ce qui est mesuré. Le rapport est sous var/loadtest/."
    )
