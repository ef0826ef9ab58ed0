"""What discovery reports: findings with their triggers and paths, merged, checked and listed."""
