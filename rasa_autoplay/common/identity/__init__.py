"""Who a request or an event speaks for: ids and signed user tokens."""
