class ProposesSlugs:
    """For screens that propose a slug from a name: œ, ß and ø are written out as everywhere in the shop."""

    class Media:
        # Named together so that ours comes after the one it replaces.
        js = ["admin/js/urlify.js", "backoffice/slugs.js"]
