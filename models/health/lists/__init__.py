"""Lists of the health check: survey table, ledger, problems, suggestions, projects (一表一台账两清单、更新项目库)."""
