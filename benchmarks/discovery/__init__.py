"""How well ``discover`` finds planted workflows and slow paths in the traffic of made-up apps."""
