import io

from apps.common.tabular.source import Source


def source_of(content: str | bytes, name: str = "table.csv") -> Source:
    data = content.encode() if isinstance(content, str) else content
    return Source(lambda: io.BytesIO(data), name)
