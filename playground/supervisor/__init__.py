"""Keeps the parts of Rushes running: starts them, restarts those that die or freeze, stops them in order.

Entry point: `supervisor.Supervisor(specs).run()`, used by ``manage.py up``.

Decision: our own small supervisor, because three facts about these children are ours alone: exit code 0 is a death, a
dead queue leaves workers that go on executing (so its whole process group has to die before a new one starts), and a
frozen queue is visible only in the database. A second tiny process, the reaper, outlives a killed supervisor and ends
the groups that it left. Rejected: honcho or supervisord (know none of the three, one more dependency), and
PR_SET_PDEATHSIG (Linux only, is not inherited by grandchildren, and fires when the starting *thread* ends).
Every child can be run alone by the same command, so systemd or containers can take the supervisor's place.
"""
