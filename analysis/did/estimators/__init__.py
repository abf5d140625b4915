"""One module an estimator, and what several of them share."""
