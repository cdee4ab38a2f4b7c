"""The report: sentences and tables out of the table of numbers, and the files they become (docx, xlsx, pptx)."""
