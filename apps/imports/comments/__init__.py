"""Comments that a shop or a site had elsewhere: Disqus, WordPress, Isso, Remark42.

readers   a file of each → comments with their threads, dates and states
"""
