"""The province-by-quarter panel: official series, skeleton, joins, codebook."""
