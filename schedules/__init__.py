"""Cohorts, courses, schedules and their milestones."""
