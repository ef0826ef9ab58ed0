"""Is everything that a project says about autoplay in order? Reads files only; nothing is started."""
