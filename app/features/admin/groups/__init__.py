"""群聊: the limits of groups, for administrators."""
