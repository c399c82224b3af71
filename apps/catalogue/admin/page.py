class ProposesSlugs:
    """Mixin for `prepopulated_fields`: the browser makes slugs as `common.letters.slug_of` does (œ, ß and ø)."""

    class Media:
        # In one list, so that ours is loaded after the script that it replaces.
        js = ["admin/js/urlify.js", "catalogue/slugs.js"]
