"""Names of people as lists write them in one cell."""


def split_name(text: str) -> tuple[str, str]:
    """First and last name: « DUPONT Marie » and « Marie DUPONT » by the capitals, « Dupont, Marie » by the comma, else
    the first word is the first name."""
    if text.count(",") == 1:
        last, first = (part.strip() for part in text.split(","))
        if first and last:
            return first, last
    words = text.split()
    capitals = [word for word in words if word.isupper() and len(word.strip(".")) > 1]
    if capitals and len(capitals) < len(words):
        return " ".join(word for word in words if word not in capitals), " ".join(capitals)
    return " ".join(words[:1]), " ".join(words[1:])
