"""What rules ask: policies, paths, evaluations, settings, resources, and what reruns."""
