"""One module for each group of tables; `exhibits.yml` says which function makes which exhibit."""
