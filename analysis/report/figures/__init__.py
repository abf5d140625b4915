"""One module for each kind of figure; `exhibits.yml` says which function draws which exhibit."""
