"""The residents' questionnaire of the health check: questions, import of answers, quotas, satisfaction."""
