"""What each environment is, in sentences: a table of them for each part, asked of plans and of what was applied."""

from __future__ import annotations

from rules.sentences import data, edge, hosts, mail, network, watching
from rules.sentences.sentence import Sentence

SENTENCES: tuple[Sentence, ...] = (
    *network.SENTENCES,
    *edge.SENTENCES,
    *hosts.SENTENCES,
    *data.SENTENCES,
    *mail.SENTENCES,
    *watching.SENTENCES,
)
RULES = tuple(one.rule() for one in SENTENCES)
