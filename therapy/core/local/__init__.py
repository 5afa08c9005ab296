"""Everything `make run` and `make test` start on one machine: embedded PostgreSQL and Redis, and the supervisor.

Free of Django on purpose: it prepares the environment that Django's settings read.
"""
