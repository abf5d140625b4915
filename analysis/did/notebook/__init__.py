"""The engine as a notebook meets it: a results object, a function per estimator, judgements of a result."""
