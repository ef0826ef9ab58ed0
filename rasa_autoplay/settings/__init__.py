"""autoplay.yml and credentials.yml, read and checked."""
