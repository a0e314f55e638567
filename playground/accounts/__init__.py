"""People, teams, memberships and API keys: who is asking, and for which team.

The one entry point for a request of a person is `access.membership_for_user`, for a program `access.identity_for_key`.
Roles live on the membership, not on the person, because one person works in several teams; Django's global
permissions were rejected for that reason.
"""
