from apps.comments.notifications import tell_author

__all__ = ["tell_author"]
