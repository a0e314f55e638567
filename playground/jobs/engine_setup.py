from playground.jobs.wakeup import ensure_schedules

__all__ = ["ensure_schedules"]
