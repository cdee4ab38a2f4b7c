"""Pages made from results without a widget: workbooks and plain tables."""
