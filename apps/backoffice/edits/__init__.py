"""Optimistic locking in the back office: no save silently undoes what somebody else saved meanwhile.

Each change form carries a signed snapshot of the values that it displayed. When it is submitted the row is locked, read
again and compared field by field: what only this person changed is saved, what only the other changed stays, and what
both changed is asked. No column is needed, so models of other packages are guarded too.
"""
