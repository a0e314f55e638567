from __future__ import annotations

from django.urls import path

from playground.web import tasks_views

urlpatterns = [
    path("tasks", tasks_views.tasks, name="tasks"),
    path("tasks.csv", tasks_views.tasks_csv, name="tasks-csv"),
    path("tasks/<uuid:job_id>/row", tasks_views.task_row, name="task-row"),
]
