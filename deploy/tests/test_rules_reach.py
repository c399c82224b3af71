"""Variables of modules that an environment can set."""

from rules import reach

from .planned import problems_of


def test_a_variable_that_nobody_can_set_is_named(tmp_path):
    files = {
        "modules/edge/variables.tf": 'variable "countries" {\n}\nvariable "name" {\n}\n',
        "modules/shop/variables.tf": 'variable "name" {\n}\nvariable "zone_id" {\n}\n',
        "modules/shop/main.tf": 'module "edge" {\n  source = "../edge"\n\n  name = var.name\n}\n',
        "environments/demo/main.tf": 'module "shop" {\n  source = "../../modules/shop"\n\n  name = "demo"\n}\n',
    }
    for name, text in files.items():
        path = tmp_path / "terraform" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert problems_of(reach.variables_can_be_reached, tmp_path) == [
        "no environment can set countries of modules/edge",
        "no environment can set zone_id of modules/shop",
    ]
