"""The pages: server-rendered HTML that htmx makes live, complete without JavaScript.

The one entry point is `urls.urlpatterns`; every view begins with `access.member_required`. A page and its fragments
are rendered by the same function from the same context, so that a reload shows what the swap showed. A client-side
application was rejected: the state is the server's, and 8 kB of script do what HTML cannot.
"""
