"""Imported first by the process that children are forked from: from here on it goes when the program goes.

Without it a program that is killed while its server still imports would leave it behind for some seconds.
"""

from crawler.workers.pool import begin_server

begin_server()
