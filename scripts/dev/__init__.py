"""What stands behind the Makefile: set-up, run, checks and tests.

Everything up to the virtual environment uses the standard library only.
"""
