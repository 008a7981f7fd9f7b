"""What rules use: policies, paths, evaluations, parameters, resources, fingerprints of code."""
