"""Map sheets: what stands where on a page, what it is about, and the pages of an atlas."""
