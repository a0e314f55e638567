"""The HTTP contracts for programs: an API key in, an envelope out.

The one entry point is `urls`; every view in it is wrapped by `entry.endpoint`, which knows who asks before a byte of the
body is read. Views speak the foreign contract as it was measured (HTTP 200, the code in the body) and hand everything
else to `jobs`. Plain Django views: the envelopes are foreign and fixed, so the models of an API framework would be
bypassed by every one of them.
"""
