"""Charts that answer a reader: every mark says its value, its source and its grade, without a server."""
