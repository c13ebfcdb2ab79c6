"""The first form of the bay detector, as it was at commit e88adef: kept to be compared with. Nothing of it changes any more.

Left out is what it kept through a restart; its settings are those of that day.
"""
