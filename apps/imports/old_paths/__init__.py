"""Links of a former shop that still come in: which page here they mean.

links     paths as they are compared, and what the shapes of other programs' paths say
finding   path → page of ours, in one query
counts    how often each was asked for, counted in memory and written once a minute
"""
