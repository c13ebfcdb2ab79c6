"""The only room that imports sqlite3: what was committed here happened."""
