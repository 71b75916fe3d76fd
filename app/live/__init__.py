"""Floor 6: topics, the socket's namespace, delivery. The only place that emits."""
