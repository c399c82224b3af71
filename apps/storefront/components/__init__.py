"""What a page repeats dozens of times (cards, facets, the menu, comments), rendered by the templates of
`jinja2/components/`.

A component that costs more than finding it again is kept in the process by all that it is made of, and by the
language. Nothing needs to be invalidated: other contents are another key.
"""
