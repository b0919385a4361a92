"""The built network without torch: shapes, exact costs, liveness."""
