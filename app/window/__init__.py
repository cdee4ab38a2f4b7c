"""The pieces of the main window that connect models with widgets."""
