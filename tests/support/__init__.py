"""What tests share: the servers, a database for each test, gateway processes, Chromium, a clock."""
