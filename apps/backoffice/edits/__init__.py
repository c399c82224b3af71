"""Two people on one record: no save of the back office undoes silently what somebody else saved meanwhile.

Each change form carries a signed snapshot of the values that it showed. On its way back the row is locked, read again
and compared, field by field: what only this person changed is kept, what only the other changed is not restored to
what it was, and what both changed is asked. No column is needed, so models of other packages are guarded too.
"""
