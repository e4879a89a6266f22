"""Imported first by the fork server, so that the kernel ends it together with the program.

Otherwise the server of a program that is killed would live until it has imported all modules.
"""

from crawler.workers.pool import begin_server

begin_server()
