"""Means of the systems against capture: Windows, UOS, Kylin; null and fake ones beside them."""
