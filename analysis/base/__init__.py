"""What every room stands on: saving, the error that means bad input, progress."""
