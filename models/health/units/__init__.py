"""Check units of the health check (体检单元): rules, proposals, versions, and what may be judged by them."""
