"""Rules, which are triggers written in YAML: the conditions of ``when:`` and their grammar."""
